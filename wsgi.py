"""The WSGI entry: `gunicorn wsgi:app`, `flask --app wsgi …`. Settings that are refused end it, with `doctor` as the exception."""

from app import cli, create_app

with cli.doctor_instead():
    app = create_app()
