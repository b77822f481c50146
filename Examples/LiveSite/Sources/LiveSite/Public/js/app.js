import { Connection } from "./connection.js"
import { Page } from "./page.js"
import { View } from "./view.js"

const $ = (id) => document.getElementById(id)
const cutFor = 3000
const stateTexts = { connecting: "connecting", live: "live", reconnecting: "reconnecting", cut: "cut", ended: "complete" }

function toast(text) {
  $("toast").textContent = text
  $("toast").hidden = false
  clearTimeout(toast.timer)
  toast.timer = setTimeout(() => { $("toast").hidden = true }, 5000)
}

async function show(project, parameters) {
  // A server that is away at the moment is waited for; a page that is not there is not.
  const known = await fetch(`/api/projects/${encodeURIComponent(project)}`).catch(() => null)
  if (known?.status === 404) {
    toast("There is no such page.")
    return start()
  }
  $("page").hidden = $("wire").hidden = false
  const page = new Page()
  const view = new View(page)
  let cutAt = null

  const transport = parameters.get("transport") ?? localStorage.getItem("transport") ?? "sse"
  for (const input of document.querySelectorAll("[name=transport]")) {
    input.checked = input.value === transport
    input.onchange = () => {
      localStorage.setItem("transport", input.value)
      connection.use(input.value)
    }
  }

  const connection = new Connection(project, transport, {
    cursor: () => page.cursor,
    isOver: () => page.isWritten,
    event: (id, event) => view.changed(page.take(id, event)),
    gap: () => location.reload(),
    state: (state) => {
      $("state").dataset.state = state
      $("state-text").textContent = stateTexts[state]
      $("cut").disabled = state !== "live"
      if (state === "live" && cutAt !== null) {
        const before = cutAt
        cutAt = null
        setTimeout(() => toast(`Back again: went on with ${page.eventCount - before} events, none lost, none twice.`), 700)
      }
    },
  })

  $("cut").onclick = () => {
    cutAt = page.eventCount
    connection.cut(cutFor)
    toast("The connection is cut. The agents write on.")
  }
  for (const button of document.querySelectorAll(".tabs button")) {
    button.onclick = () => {
      document.querySelector(".columns").dataset.tab = button.dataset.tab
      for (const other of document.querySelectorAll(".tabs button")) other.setAttribute("aria-pressed", other === button)
    }
  }
  // For whoever looks from outside: tests, and the curious.
  window.livePage = page
}

async function start() {
  $("start").hidden = false
  const form = $("brief-form")
  const submit = form.querySelector("button")
  form.onsubmit = async (event) => {
    event.preventDefault()
    submit.disabled = true
    $("form-error").hidden = true
    try {
      const response = await fetch("/api/projects", {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ brief: $("brief").value }),
      })
      const answer = await response.json()
      if (!response.ok) throw new Error(answer.error?.message ?? `the server answered ${response.status}`)
      location.href = `/?page=${answer.projectId}`
    } catch (error) {
      $("form-error").textContent = `The page could not be begun: ${error.message}`
      $("form-error").hidden = false
      submit.disabled = false
    }
  }
  for (const example of document.querySelectorAll(".examples button")) {
    example.onclick = () => { $("brief").value = example.textContent; $("brief").focus() }
  }
  const { projects } = await (await fetch("/api/projects")).json()
  $("recent").hidden = projects.length === 0
  $("recent-list").replaceChildren(...projects.map(({ projectId, brief, done }) => {
    const link = Object.assign(document.createElement("a"), { href: `/?page=${projectId}` })
    link.append(Object.assign(document.createElement("span"), { textContent: brief }))
    const status = Object.assign(document.createElement("span"), { className: "status", textContent: done ? "complete" : "being written" })
    status.dataset.status = done ? "completed" : "running"
    link.append(status)
    const item = document.createElement("li")
    item.append(link)
    return item
  }))
}

const parameters = new URLSearchParams(location.search)
if (parameters.has("page")) show(parameters.get("page"), parameters)
else start()
