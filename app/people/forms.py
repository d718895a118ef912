"""Forms of people: sign-up, sign-in, reset, profile, and the changes that ask for the password again.

Passwords are taken as they were typed, and never kept among the values that a page shows again.
"""

from __future__ import annotations

from app.lib.refusal import Refusal
from app.people import rules
from app.web.forms import Form


class PeopleForm(Form):
    """A form that may hold passwords."""

    def password(self, name: str, missing: str) -> str:
        """A password that is only compared, never judged."""
        self.clean[name] = self._raw(name)
        self.values.pop(name, None)
        if not self.clean[name]:
            self.error(name, missing)
        return self.clean[name]

    def new_password(self, name: str, *, of: str, email: str) -> str:
        """A password that somebody chooses, judged at once."""
        password = self.password(name, "Choose a password.")
        if password:
            try:
                rules.refuse_weak_password(password, name=of, email=email, field=name)
            except Refusal as refusal:
                self.refuse(refusal)
        return password


class SignUpForm(PeopleForm):
    """name, email, password. No second password field: it can be shown instead. way=passkey: none is needed."""

    def read(self) -> None:
        name = self.line("name", "Your name", limit=80)
        email = self.email()
        if self._raw("way") == "passkey" and not self._raw("password"):
            self.clean["password"] = ""
        else:
            self.new_password("password", of=name, email=email)


class SignInForm(PeopleForm):
    """email, password, stay."""

    def read(self) -> None:
        self.email()
        self.password("password", "Type your password.")
        self.flag("stay")


class AddressForm(PeopleForm):
    """email: where a mail is wanted, for a reset or for the link of a sign-up once more."""

    def read(self) -> None:
        self.email()


class KeyForm(PeopleForm):
    """key: the secret of a mailed link.

    password: only where another browser than the one of the sign-up opened it; new_password: only where the sign-up
    had none.
    """

    def read(self) -> None:
        self.line("key", "The key of the link", limit=100)
        for name in ("password", "new_password"):
            self.clean[name] = self._raw(name)
            self.values.pop(name, None)


class ResetForm(PeopleForm):
    """key, new_password."""

    def read(self) -> None:
        self.line("key", "The key of the link", limit=100)
        self.new_password("new_password", of="", email="")


class ProfileForm(PeopleForm):
    """name, handle, city, about."""

    def read(self) -> None:
        self.line("name", "Your name", limit=80)
        handle = self.line("handle", "A handle", limit=rules.HANDLE_MOST).removeprefix("@").lower()
        self.line("city", "Your city", limit=80, required=False)
        self.block("about", "About you", limit=1000)
        self.clean["handle"] = handle
        try:
            rules.refuse_bad_handle(handle)
        except Refusal as refusal:
            self.refuse(refusal)


class PasswordForm(PeopleForm):
    """current_password (where there is one), new_password."""

    def __init__(self, typed: object = None, *, of: str = "", email: str = "", has_password: bool = True) -> None:
        self._of, self._email, self._has_password = of, email, has_password
        super().__init__(typed)  # type: ignore[arg-type]  # werkzeug's MultiDict is a Mapping in all but name

    def read(self) -> None:
        if self._has_password:
            self.password("current_password", "Type your present password.")
        self.new_password("new_password", of=self._of, email=self._email)


class EmailForm(PeopleForm):
    """email: the new one."""

    def read(self) -> None:
        self.email()


class ConfirmForm(PeopleForm):
    """current_password, to show that it is you."""

    def read(self) -> None:
        self.password("current_password", "Type your password.")


class PasskeyForm(PeopleForm):
    """name: what its owner calls a passkey."""

    def read(self) -> None:
        self.line("name", "A name", limit=60)
