"""The web's own business: errors, CSRF, security headers, forms, htmx, filters, log, health. Knows no feature."""
