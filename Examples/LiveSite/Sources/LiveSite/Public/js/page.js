// What a page's events come to: a fold of the log, in the browser. No DOM here.

/** An agent's part of the page. */
class Agent {
  constructor({ agentId, part, weight }, section) {
    Object.assign(this, { agentId, part, weight, section })
    this.progress = null
    this.quality = null
    this.failure = null
    this.seams = 0
    this.isFinished = false
    this.blocks = new Map()
  }

  /** The text as far as it is written. */
  get text() {
    return this.pieces("content")
  }

  get reasoning() {
    return this.pieces("reasoning")
  }

  get status() {
    return this.failure ? "failed" : this.isFinished ? "completed" : this.progress?.status ?? "queued"
  }

  get percentage() {
    return this.isFinished ? 100 : this.progress?.percentage ?? 0
  }

  pieces(kind) {
    const numbers = [...this.blocks.keys()].sort((a, b) => a - b)
    return numbers.map((number) => this.blocks.get(number)[kind] ?? "").join("")
  }

  append(kind, number, text) {
    const block = this.blocks.get(number) ?? {}
    block[kind] = (block[kind] ?? "") + text
    this.blocks.set(number, block)
  }

  /** Where an answer broke and goes on: what was dropped is not shown any more. */
  seam({ droppedBlocks = [], superseded }) {
    this.seams += 1
    for (const number of [...droppedBlocks, ...(superseded?.blocks ?? [])]) this.blocks.delete(number)
  }
}

/** A page, as its events tell it. */
export class Page {
  plan = null
  agents = new Map()
  /** The newest event that was taken; what comes again is passed over. */
  cursor = null
  eventCount = 0
  /** How often something came again: a server that keeps its promise leaves it at 0. */
  repeatCount = 0

  /** Takes an event; returns the agent that it changed, or null. */
  take(id, event) {
    if (this.cursor !== null && id <= this.cursor) {
      this.repeatCount += 1
      return null
    }
    this.cursor = id
    this.eventCount += 1
    if (event.type === "plan") {
      this.plan = event
      for (const section of event.sections) {
        for (const agent of section.agents) this.agents.set(agent.agentId, new Agent(agent, section))
      }
      return null
    }
    const agent = this.agents.get(event.agentId)
    if (!agent) return null
    switch (event.type) {
      case "content": agent.append("content", event.block, event.content); break
      case "reasoning": agent.append("reasoning", event.block, event.reasoning); break
      case "seam": agent.seam(event); break
      case "progress": agent.progress = event; break
      case "quality": agent.quality = event; break
      case "finish": agent.isFinished = true; break
      case "error": agent.failure = event.error; break
    }
    return agent
  }

  get list() {
    return [...this.agents.values()]
  }

  /** Whether every agent has ended. */
  get isWritten() {
    return this.agents.size > 0 && this.list.every((agent) => agent.isFinished || agent.failure)
  }

  /** The page as a whole, weighted by what each agent has to do. */
  summary(now) {
    const agents = this.list
    const weight = agents.reduce((sum, agent) => sum + agent.weight, 0)
    const left = agents.filter((agent) => !agent.isFinished && !agent.failure).map((agent) => timeLeft(agent, now))
    const scores = agents.filter((agent) => agent.quality).map((agent) => agent.quality.score)
    const costs = agents.map((agent) => agent.progress?.cost).filter((cost) => cost !== undefined)
    return {
      percentage: weight ? agents.reduce((sum, agent) => sum + agent.percentage * agent.weight, 0) / weight : 0,
      done: agents.filter((agent) => agent.isFinished).length,
      failed: agents.filter((agent) => agent.failure).length,
      total: agents.length,
      left: left.length && !left.includes(null) ? Math.max(...left) : null,
      tokens: agents.reduce((sum, agent) => sum + (agent.progress?.tokensUsed ?? 0), 0),
      cost: costs.length ? costs.reduce((sum, cost) => sum + cost, 0) : null,
      quality: scores.length ? scores.reduce((sum, score) => sum + score, 0) / scores.length : null,
      seams: agents.reduce((sum, agent) => sum + agent.seams, 0),
    }
  }
}

/** The milliseconds that an agent will still take, or null where nobody knows. */
export function timeLeft({ progress }, now) {
  if (progress?.estimatedTimeRemaining === undefined) return null
  const elapsed = Math.max(0, now - progress.lastUpdated)
  return Math.max(0, progress.estimatedTimeRemaining - elapsed)
}
