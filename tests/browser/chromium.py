"""A Chromium without a window, driven over a pipe: no port, no driver, no download.

Source: the Chrome DevTools Protocol; `--remote-debugging-pipe` reads and writes messages that
end with a zero byte, on file descriptors 3 and 4.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

SECONDS_MAX: Final = 60

PROGRAM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
"""Debian's Chromium, if it is installed."""

_FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *(
        "--disable-dev-shm-usage",
        "--remote-debugging-pipe",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ),
)


class Browser:
    """One page of a running browser.

    Attributes:
        messages: what the page wrote to the console, and what the browser said against it.
        requests: the addresses that it asked for, in order.
    """

    def __init__(self, reader: int, writer: int) -> None:
        self._reader = reader
        self._writer = writer
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.messages: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        while True:
            received = self._receive()
            if received.get("id") == self._number:
                assert "error" not in received, received
                result: dict[str, Any] = received["result"]
                return result
            self._note(received)

    def open(self, path: Path, *, width: int = 1280, height: int = 900, **features: str) -> None:
        """Open a file and wait until it is drawn.

        Args:
            path: the file.
            width: the viewport's width, in CSS pixels.
            height: its height.
            features: media features to emulate, `prefers_color_scheme="dark"`.
        """
        emulated = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self.call("Emulation.setEmulatedMedia", media="", features=emulated)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.messages.clear()
        self.requests.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.evaluate(
            "document.readyState === 'complete' || "
            "new Promise(done => addEventListener('load', () => done(true)))"
        )

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def screenshot(self) -> bytes:
        """The whole page as a PNG."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def _note(self, received: dict[str, Any]) -> None:
        told = received.get("params", {})
        match received.get("method"):
            case "Log.entryAdded":
                self.messages.append(told["entry"]["text"])
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown":
                self.messages.append(json.dumps(told))
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case _:
                pass

    def _receive(self) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS_MAX
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reader], [], [], deadline - time.monotonic())
            if not ready:
                raise TimeoutError("The browser does not answer.")
            read = os.read(self._reader, 2**16)
            if not read:
                raise EOFError("The browser has ended.")
            self._buffer += read
        message, _, self._buffer = self._buffer.partition(b"\0")
        received: dict[str, Any] = json.loads(message)
        return received


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own in a folder; ended at the end."""
    assert PROGRAM is not None, "Chromium is not installed."
    to_browser, writer = os.pipe()
    reader, from_browser = os.pipe()
    command = [PROGRAM, *_FLAGS, f"--user-data-dir={folder}"]
    process = subprocess.Popen(
        # The shell gives the pipes the numbers that the protocol wants.
        ["bash", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "bash", *command],
        pass_fds=(to_browser, from_browser),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
    )
    os.close(to_browser)
    os.close(from_browser)
    try:
        yield Browser(reader, writer)
    finally:
        os.close(writer)
        os.close(reader)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        if process.poll() is None:
            process.kill()
            process.wait()
