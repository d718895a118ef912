"""The servers that tests start: what is missing is said, what was started is gone afterwards."""

from pathlib import Path

import pytest
from playwright.sync_api import Error
from sqlalchemy import create_engine, text

from tests import servers
from tests.conftest import WITHOUT


@pytest.fixture
def nothing_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(servers, "DEBIAN_POSTGRES", tmp_path)
    monkeypatch.delenv("CHROMIUM", raising=False)


@pytest.mark.parametrize(
    ("look_up", "package"), [(servers.postgres_binaries, "postgresql"), (servers.chromium, "chromium")]
)
def test_missing_program_is_named_with_the_way_to_get_it(nothing_installed, look_up, package):
    with pytest.raises(servers.Missing, match=f"sudo apt-get install {package}"):
        look_up()


@pytest.mark.skipif("postgres" in WITHOUT, reason="PIKA_TEST_WITHOUT names postgres")
def test_postgres_answers_and_leaves_nothing():
    with servers.postgres() as url:
        directory = Path(url.partition("host=")[2])
        engine = create_engine(url)
        with engine.connect() as connection:
            encoding = connection.scalar(text("SHOW server_encoding"))
            addresses = connection.scalar(text("SHOW listen_addresses"))
        engine.dispose()

    assert (encoding, addresses) == ("UTF8", "")
    assert not directory.exists()


@pytest.mark.browser
def test_browser_runs_scripts_and_stays_on_this_machine(desktop):
    desktop.set_content("<h1>Pika!</h1>")

    assert desktop.evaluate("document.querySelector('h1').textContent") == "Pika!"
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        desktop.goto("http://pika.example/")


@pytest.mark.browser
def test_phone_and_desktop_have_their_sizes(phone, desktop):
    for page in (phone, desktop):
        page.set_content('<meta name="viewport" content="width=device-width">')

    sizes = [page.evaluate("[innerWidth, innerHeight, navigator.maxTouchPoints > 0]") for page in (phone, desktop)]

    assert sizes == [[390, 844, True], [1280, 800, False]]
