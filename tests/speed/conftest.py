"""Goals of speed: measured with nothing beside them."""

from tests.browser.conftest import backstage, console
from tests.support.browser import chromium, watched_page
from tests.support.dev_server import dev_server, fresh_server

__all__ = ["backstage", "chromium", "console", "dev_server", "fresh_server", "watched_page"]
