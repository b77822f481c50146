"""A headless Chromium, driven over its DevTools protocol."""

import asyncio
import base64
import itertools
import json
import os
import shutil
import signal
import tempfile
import urllib.request

import websockets


def find():
    """The browser's program, or None."""
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    return next((path for path in map(shutil.which, filter(None, names)) if path), None)


class Browser:
    """One browser with one page."""

    def __init__(self, program):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="chromium-")
        self.ids = itertools.count(1)
        self.waiting = {}
        self.complaints = []

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            self.program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--remote-debugging-port=0",
            f"--user-data-dir={self.folder}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True)
        port_file = os.path.join(self.folder, "DevToolsActivePort")
        for _ in range(600):
            if os.path.exists(port_file) and os.path.getsize(port_file):
                break
            if self.process.returncode is not None:
                raise RuntimeError(f"{self.program} ended with {self.process.returncode}")
            await asyncio.sleep(0.1)
        port = open(port_file).read().split()[0]
        pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=30))
        address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
        self.socket = await websockets.connect(address, max_size=None, ping_interval=None)
        self.reader = asyncio.create_task(self.read())
        for domain in ("Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        return self

    async def __aexit__(self, *_):
        self.reader.cancel()
        await self.socket.close()
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def read(self):
        async for text in self.socket:
            message = json.loads(text)
            if "id" in message:
                self.waiting.pop(message["id"]).set_result(message)
            elif message.get("method") == "Runtime.exceptionThrown":
                details = message["params"]["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description") or details["text"])

    async def call(self, method, **parameters):
        number = next(self.ids)
        self.waiting[number] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        answer = await asyncio.wait_for(self.waiting[number], 60)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    async def evaluate(self, expression):
        """What an expression comes to in the page, as JSON has it."""
        result = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    async def until(self, expression, what, seconds=120):
        """Waits until an expression is true; while a page is being loaded it is not."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            try:
                value = await self.evaluate(expression)
            except RuntimeError:
                value = None
            if value:
                return value
            await asyncio.sleep(0.05)
        await self.screenshot("failed")
        raise AssertionError(f"waited {seconds} s for {what}; the page's state: {await self.state()}")

    async def state(self):
        return await self.evaluate("document.getElementById('state-text')?.textContent + ', ' + document.getElementById('percent')?.textContent")

    async def go(self, address):
        await self.call("Page.navigate", url=address)

    async def size(self, width, height, mobile=False, scale=1):
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)

    async def dark(self, on):
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if on else "light"}])

    async def screenshot(self, name, whole=False):
        """A picture of the page, in the folder that SCREENSHOTS names."""
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        os.makedirs(folder, exist_ok=True)
        picture = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(os.path.join(folder, f"{name}.png"), "wb") as file:
            file.write(base64.b64decode(picture["data"]))
