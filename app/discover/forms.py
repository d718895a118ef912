"""A DJ's own words and links, read from the profile's form. No database."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.web.forms import Form

LINKS_MAX = 4


class DjProfileForm(Form):
    """Headline, what is played, up to four links, and three switches."""

    def read(self) -> None:
        self.clean["headline"] = self.line("headline", "The headline", limit=160, required=False)
        self.clean["plays"] = self.line("plays", "What you play", limit=160, required=False)
        self.clean = {name: self.clean[name] for name in ("headline", "plays")}
        links = [self._link(number) for number in range(LINKS_MAX)]
        self.clean["links"] = [link for link in links if link]
        for name in ("shows_stats", "shows_vibe", "shows_gigs"):
            self.clean[name] = self.values[name] = bool(self._typed.get(name))

    def _link(self, number: int) -> dict[str, str] | None:
        """One row: an address, shown by its host. Empty rows are nothing."""
        name = f"link_{number}"
        typed = str(self._typed.get(name, "")).strip()
        if not typed:
            return None
        url = typed if "://" in typed else f"https://{typed}"
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            host = ""
        if parts_are_bad(url, host) or len(url) > 300:
            self.error(name, "This is not a web address. It looks like https://soundcloud.com/your-name.")
            return None
        return {"label": host.removeprefix("www."), "url": url}


def parts_are_bad(url: str, host: str) -> bool:
    """Only http(s) with a host that has an ending; no user, no spaces or control characters."""
    plain = all(33 <= ord(letter) != 127 for letter in url)
    return not plain or not url.startswith(("https://", "http://")) or "." not in host or "@" in url.split("/")[2]
