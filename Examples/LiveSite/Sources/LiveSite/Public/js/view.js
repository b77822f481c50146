// Puts a page on the screen, once a frame, and only what has changed.

import { timeLeft } from "./page.js"

const $ = (id) => document.getElementById(id)
const names = { headline: "Headline", subheadline: "Subheadline", body: "Body", cta: "Call to action" }

function set(element, text) {
  if (element.textContent !== text) element.textContent = text
}

export function duration(milliseconds) {
  if (milliseconds === null) return ""
  const seconds = Math.ceil(milliseconds / 1000)
  return seconds >= 60 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${seconds} s`
}

function money(cost) {
  return cost === null || cost === undefined ? "" : `$${cost.toFixed(4)}`
}

function score(element, value, title = "") {
  element.hidden = value === null || value === undefined
  if (element.hidden) return
  set(element, `${Math.round(value * 100)}`)
  element.dataset.level = value >= 0.75 ? "good" : value >= 0.5 ? "fair" : "poor"
  element.title = title
}

function track(element, percentage) {
  element.setAttribute("aria-valuenow", Math.round(percentage))
  element.firstElementChild.style.width = `${percentage}%`
}

export class View {
  #page
  #changed = new Set()
  #isDrawing = false
  #cards = new Map()
  #texts = new Map()
  #sections = new Map()

  constructor(page) {
    this.#page = page
    // Time passes also when nothing comes.
    setInterval(() => this.changed(), 1000)
  }

  /** Draws with the next frame; `agent` is what has changed, where it is one. */
  changed(agent = null) {
    if (agent) this.#changed.add(agent)
    if (this.#isDrawing) return
    this.#isDrawing = true
    const draw = () => {
      if (!this.#isDrawing) return
      this.#isDrawing = false
      this.#draw()
    }
    requestAnimationFrame(draw)
    // A tab in the background gets no frames.
    setTimeout(draw, 250)
  }

  #draw() {
    const page = this.#page
    if (!page.plan) return
    if (!this.#cards.size) this.#build(page.plan)
    for (const agent of this.#changed) this.#drawAgent(agent)
    this.#changed.clear()
    this.#drawWhole(page.summary(Date.now()))
  }

  #build(plan) {
    set($("title"), plan.brief)
    document.title = `${plan.brief} — LiveSite`
    set($("address"), `https://${plan.projectId}.example`)
    for (const section of plan.sections) {
      const article = $("section-template").content.cloneNode(true).firstElementChild
      article.dataset.section = section.id
      const group = $("group-template").content.cloneNode(true).firstElementChild
      set(group.firstElementChild, section.title)
      for (const { agentId, part } of section.agents) {
        const card = $("agent-template").content.cloneNode(true).firstElementChild
        card.dataset.agent = agentId
        set(card.querySelector("h3"), names[part] ?? part)
        card.querySelector(".track").setAttribute("aria-label", `${section.title}: ${names[part] ?? part}`)
        group.append(card)
        this.#cards.set(agentId, card)
        const text = article.querySelector(`[data-part="${part}"]`)
        text.dataset.textOf = agentId
        this.#texts.set(agentId, text)
      }
      $("agents").append(group)
      $("site").append(article)
      this.#sections.set(section.id, { section, score: article.querySelector(".score") })
    }
    for (const agent of this.#page.list) this.#drawAgent(agent)
  }

  #drawAgent(agent) {
    const text = this.#texts.get(agent.agentId)
    set(text, agent.text)
    text.dataset.state = agent.isFinished || agent.failure ? "written" : agent.text ? "writing" : "waiting"

    const card = this.#cards.get(agent.agentId)
    const status = card.querySelector(".status")
    set(status, agent.status)
    status.dataset.status = card.dataset.status = agent.status
    track(card.querySelector(".track"), agent.percentage)
    const field = (name, text) => set(card.querySelector(`[data-field=${name}]`), text)
    const { progress, quality } = agent
    field("percent", `${Math.round(agent.percentage)} %`)
    const left = agent.isFinished || agent.failure ? "" : duration(timeLeft(agent, Date.now()))
    field("left", left && `${left} left`)
    field("tokens", progress?.tokensUsed ? `${progress.tokensUsed} tokens` : "")
    field("cost", money(progress?.cost))
    field("confidence", progress?.confidence === undefined ? "" : `${Math.round(progress.confidence * 100)} % sure`)
    const thought = card.querySelector(".thought")
    const reasoning = agent.failure ? agent.failure.message : agent.reasoning
    thought.hidden = !reasoning
    set(thought, reasoning)
    thought.title = reasoning
    const issues = card.querySelector(".issues")
    score(card.querySelector(".score"), quality?.score, "Quality, of 100")
    issues.hidden = !quality?.issues.length
    if (quality && issues.childElementCount !== quality.issues.length) {
      issues.replaceChildren(...quality.issues.map(({ message }) => Object.assign(document.createElement("li"), { textContent: message })))
    }
  }

  #drawWhole(whole) {
    set($("percent"), `${Math.floor(whole.percentage)} %`)
    track($("overall"), whole.percentage)
    set($("done"), `${whole.done} of ${whole.total}${whole.failed ? `, ${whole.failed} failed` : ""}`)
    set($("left"), this.#page.isWritten ? "done" : duration(whole.left) || "–")
    set($("tokens"), whole.tokens ? whole.tokens.toLocaleString("en") : "–")
    set($("cost"), money(whole.cost) || "–")
    set($("quality"), whole.quality === null ? "–" : `${Math.round(whole.quality * 100)} / 100`)
    set($("seams"), whole.seams ? `${whole.seams} ${whole.seams === 1 ? "break" : "breaks"}` : "no breaks")
    set($("phase"), this.#page.isWritten ? (whole.failed ? "Ended" : "Complete") : whole.done ? "Writing" : "Beginning")
    for (const { section, score: element } of this.#sections.values()) {
      const scores = section.agents.map(({ agentId }) => this.#page.agents.get(agentId).quality?.score).filter((value) => value !== undefined)
      score(element, scores.length ? scores.reduce((sum, value) => sum + value, 0) / scores.length : null, "Quality of the section, of 100")
    }
    $("page").dataset.complete = this.#page.isWritten
  }
}
