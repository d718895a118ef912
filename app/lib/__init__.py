"""Pure helpers: time, tokens, text, sealing. Imports nothing of ours, so that every layer may use it."""
