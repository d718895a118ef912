"""The web's own business: errors, CSRF, security headers, forms, htmx, filters, request log, health. Knows no feature."""
