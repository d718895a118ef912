"""Pika! on the home screen and without network: manifest, service worker, offline page, how to install."""
