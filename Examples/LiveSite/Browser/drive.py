"""Drives the site with a real browser while connections are cut and the server is killed.

Usage: drive.py SITE-PROGRAM WORK-FOLDER. Pictures go to the folder that SCREENSHOTS names, if any.
"""

import asyncio
import os
import sys

from browser import Browser, find
from live_site import Site, texts

BRIEF = "A bakery that delivers by bicycle"
SHOWN = "Object.fromEntries([...document.querySelectorAll('[data-text-of]')].map((e) => [e.dataset.textOf, e.textContent]))"
STATE = "document.getElementById('state').dataset.state"
# What a page subscribes to.
TYPES = {"site:plan", "agent:content", "agent:reasoning", "agent:seam", "agent:progress", "agent:quality", "agent:complete", "agent:error"}


def check(condition, what):
    if not condition:
        raise AssertionError(what)


async def written(browser, percent):
    await browser.until(f"livePage.summary(0).percentage >= {percent}", f"{percent} % of the page")


async def begin(browser, site, transport):
    """Types a brief as a visitor does, and chooses how events arrive."""
    await browser.go(f"{site.base}/")
    await browser.until("document.getElementById('start') && !document.getElementById('start').hidden", "the start page")
    await browser.evaluate(f"localStorage.setItem('transport', {transport!r})")
    await browser.evaluate("document.getElementById('brief').focus()")
    await browser.call("Input.insertText", text=BRIEF)
    await browser.screenshot("1-start")
    await browser.evaluate("document.querySelector('#brief-form button').click()")
    await browser.until(f"new URLSearchParams(location.search).has('page') && window.livePage && {STATE} === 'live'", "a page that is being written")
    return await browser.evaluate("new URLSearchParams(location.search).get('page')")


async def compare(browser, site, project, reference, what):
    """What the page shows against the log, and the log against a page that nothing disturbed."""
    await browser.until(f"document.getElementById('page').dataset.complete === 'true' && {STATE} === 'ended'", f"the end of the page ({what})")
    events = await site.finished(project)
    wanted = [event for event in events if event["type"] in TYPES]
    await browser.until(f"livePage.eventCount === {len(wanted)}", f"all {len(wanted)} events ({what})", 20)
    check(await browser.evaluate("livePage.repeatCount") == 0, f"events came twice ({what})")
    # Drawn with the next frame.
    await browser.evaluate("new Promise((done) => setTimeout(done, 400))")
    shown, logged = await browser.evaluate(SHOWN), texts(events)
    check(shown == logged, f"the page is not what the log says ({what}):\n{shown}\n{logged}")
    check(logged == reference, f"the text is not that of an undisturbed page ({what}):\n{logged}\n{reference}")
    judged = {event["data"]["agentId"] for event in events if event["type"] == "agent:quality"}
    check(judged == set(reference), f"not every text was judged ({what}): {sorted(judged)}")
    check(not browser.complaints, f"errors in the page ({what}): {browser.complaints}")
    return sum(event["type"] == "agent:seam" for event in events)


async def disturbed(browser, site, transport, reference):
    """A page whose connection is cut and whose server is killed in the middle."""
    project = await begin(browser, site, transport)
    await written(browser, 8)
    await browser.screenshot(f"2-writing-{transport}")
    await browser.evaluate("document.getElementById('cut').click()")
    await browser.until(f"{STATE} === 'cut'", "the cut")
    await browser.screenshot(f"3-cut-{transport}")
    await browser.until(f"{STATE} === 'live'", "the connection after the cut")
    await written(browser, 35)
    await site.kill()
    await browser.until(f"{STATE} === 'reconnecting'", "the server to be missed")
    await browser.screenshot(f"4-killed-{transport}")
    before = await browser.evaluate("livePage.eventCount")
    await site.start()
    await browser.until(f"{STATE} === 'live' && livePage.eventCount > {before}", "the page to go on")
    await browser.screenshot(f"5-recovered-{transport}")
    seams = await compare(browser, site, project, reference, f"killed, {transport}")
    check(seams > 0, "the server was killed and nothing was recovered: the test came too late")
    await browser.screenshot(f"6-complete-{transport}", whole=True)

    # Loaded again, the page is the same.
    await browser.go(f"{site.base}/?page={project}&again")
    await compare(browser, site, project, reference, f"loaded again, {transport}")
    return seams


async def deployed(browser, site, reference):
    """A deploy, a change of the wire and a reload, all in mid-page, on a phone."""
    await browser.size(390, 844, mobile=True, scale=2)
    project = await begin(browser, site, "sse")
    await written(browser, 10)
    await browser.screenshot("7-phone")
    await site.stop()
    await site.start()
    await written(browser, 30)
    await browser.evaluate("document.querySelector('[name=transport][value=ws]').click()")
    await browser.until(f"{STATE} === 'live'", "the other wire")
    await written(browser, 45)
    await browser.evaluate("location.reload()")
    await browser.until(f"window.livePage && {STATE} === 'live'", "the page that is loaded again")
    await browser.evaluate("document.querySelector('.tabs [data-tab=agents]').click()")
    await browser.dark(True)
    await browser.screenshot("8-phone-agents-dark")
    await compare(browser, site, project, reference, "deployed")
    await browser.dark(False)


async def refused(browser, site):
    """A page that is not there, and a brief that is no brief."""
    await browser.go(f"{site.base}/?page=page-none")
    await browser.until("!document.getElementById('start').hidden && !document.getElementById('toast').hidden", "the start page in place of one that is not there")
    for body, wanted in ((b"{}", 400), (b"nonsense", 400), (b'{"brief":"  "}', 400), (b'{"brief":"' + b"x" * 3000 + b'"}', 413), (b"x" * 100_000, 413)):
        status = site.post("/api/projects", body)
        check(status == wanted, f"{body[:20]} was answered {status}, not {wanted}")
    brief = "<script>document.title = 'owned'</script>\nContext: <img src=x onerror=alert(1)>"
    project = site.begin(brief)
    await browser.go(f"{site.base}/?page={project}")
    await browser.until("window.livePage && livePage.isWritten", "the page of a hostile brief")
    check(await browser.evaluate("document.querySelectorAll('#page script, #page img').length") == 0, "a brief became markup")
    check("owned" not in (await browser.evaluate("document.title")).split("<")[0], "a brief was run")


async def main(program, folder):
    chromium = find()
    check(chromium, "no Chromium on this machine: apt-get install chromium")
    quick = Site(program, os.path.join(folder, "undisturbed"), 0)
    await quick.start()
    reference = texts(await quick.finished(quick.begin(BRIEF)))
    await quick.stop()
    check(len(reference) == 16 and all(reference.values()), f"the undisturbed page lacks something: {reference}")

    site = Site(program, os.path.join(folder, "site"), 60)
    await site.start()
    try:
        async with Browser(chromium) as browser:
            await browser.size(1440, 900)
            for transport in ("sse", "ws"):
                seams = await disturbed(browser, site, transport, reference)
                print(f"{transport}: cut and killed in mid-page, {seams} answers recovered, text as in the log and as undisturbed")
            await deployed(browser, site, reference)
            print("deployed, wire changed and loaded again in mid-page: the same")
            await refused(browser, site)
        await site.stop()
    finally:
        if site.process.returncode is None:
            await site.kill()


asyncio.run(main(sys.argv[1], sys.argv[2]))
