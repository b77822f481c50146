"""The server under test, as a process, and what it says of its pages to who asks without a browser."""

import asyncio
import json
import os
import signal
import socket
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    def __init__(self, program, store, token_delay):
        self.program, self.store, self.token_delay = program, store, token_delay
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = None

    async def start(self):
        self.output = open(f"{self.store}.out", "ab")
        self.process = await asyncio.create_subprocess_exec(
            self.program, "--port", str(self.port), "--store", self.store, "--token-delay", str(self.token_delay),
            stdout=self.output, stderr=self.output)
        for _ in range(600):
            if self.process.returncode is not None:
                break
            try:
                return self.get("/api/projects")
            except OSError:
                await asyncio.sleep(0.05)
        raise AssertionError("the site did not start: " + open(f"{self.store}.out").read()[-2000:])

    async def kill(self):
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self):
        """Asks it to end, as a deploy does; with readers that stay it must not take long."""
        self.process.send_signal(signal.SIGTERM)
        status = await asyncio.wait_for(self.process.wait(), 30)
        assert status == 0, f"the site ended with {status}"

    def get(self, path, accept="application/json"):
        request = urllib.request.Request(self.base + path, headers={"accept": accept})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def begin(self, brief):
        with urllib.request.urlopen(self.request("/api/projects", json.dumps({"brief": brief}).encode()), timeout=30) as answer:
            return json.load(answer)["projectId"]

    def post(self, path, body):
        """The status of an answer."""
        try:
            with urllib.request.urlopen(self.request(path, body), timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def request(self, path, body):
        return urllib.request.Request(self.base + path, data=body, headers={"content-type": "application/json"})

    def events(self, project):
        """Everything public that the log has of a page, read without a stream."""
        events, cursor = [], ""
        while True:
            page = self.get(f"/api/sse/agent-stream?projectId={project}" + (f"&lastEventId={cursor}" if cursor else ""))
            events += page["events"]
            cursor = page["offset"]
            if page["upToDate"]:
                return events, page["closed"]

    async def finished(self, project, seconds=120):
        """The events of a page, once its stream is closed."""
        for _ in range(seconds * 10):
            events, closed = self.events(project)
            if closed:
                return events
            await asyncio.sleep(0.1)
        raise AssertionError(f"{project} is not done after {seconds} s")


def texts(events):
    """The text of each agent, folded from a page's events by the rule of Documentation/Recovery.md."""
    agents = {}
    for event in events:
        data = event["data"]
        if event["type"] == "agent:content":
            blocks = agents.setdefault(data["agentId"], {})
            blocks[data["block"]] = blocks.get(data["block"], "") + data.get("content", "")
        elif event["type"] == "agent:seam":
            for block in data.get("droppedBlocks", []) + data.get("superseded", {}).get("blocks", []):
                agents.get(data["agentId"], {}).pop(block, None)
    return {agent: "".join(text for _, text in sorted(blocks.items())) for agent, blocks in agents.items()}
