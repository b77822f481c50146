// Reads a page's events over either wire, and goes on behind the last one after every break. No DOM here.

const types = ["site:plan", "agent:content", "agent:reasoning", "agent:seam", "agent:progress", "agent:quality", "agent:complete", "agent:error"]

/** Full jitter: anything up to a limit that doubles with each attempt. */
function backoff(attempt) {
  return Math.random() * Math.min(5000, 250 * 2 ** attempt)
}

/**
 * A connection that never gives up until it is closed or the stream has ended.
 * `handlers`: event(id, data), state(name), and cursor() and isOver(), which say where to go on and whether there is anything to go on to.
 */
export class Connection {
  #projectId
  #transport
  #handlers
  #close = () => {}
  #timer = null
  #attempt = 0

  constructor(projectId, transport, handlers) {
    this.#projectId = projectId
    this.#transport = transport
    this.#handlers = handlers
    this.#open("connecting")
  }

  /** Drops the connection at once, and comes back after some time. */
  cut(milliseconds) {
    this.#drop()
    this.#handlers.state("cut")
    this.#timer = setTimeout(() => this.#open("reconnecting"), milliseconds)
  }

  /** Goes on over the other wire. */
  use(transport) {
    this.#transport = transport
    this.#drop()
    this.#open("connecting")
  }

  #drop() {
    clearTimeout(this.#timer)
    this.#close()
    this.#close = () => {}
  }

  #open(state) {
    this.#handlers.state(state)
    if (this.#transport === "ws") this.#openSocket()
    else this.#openEventSource()
  }

  #connected() {
    this.#attempt = 0
    this.#handlers.state("live")
  }

  #lost() {
    this.#drop()
    if (this.#handlers.isOver()) return this.#handlers.state("ended")
    this.#handlers.state("reconnecting")
    this.#timer = setTimeout(() => this.#open("reconnecting"), backoff(this.#attempt++))
  }

  #openEventSource() {
    const query = new URLSearchParams({ projectId: this.#projectId, types: types.join(",") })
    if (this.#handlers.cursor() !== null) query.set("lastEventId", this.#handlers.cursor())
    const source = new EventSource(`/api/sse/agent-stream?${query}`)
    this.#close = () => source.close()
    source.onopen = () => this.#connected()
    for (const type of types) {
      source.addEventListener(type, (event) => this.#handlers.event(event.lastEventId, JSON.parse(event.data)))
    }
    source.addEventListener("agent:gap", () => this.#handlers.gap())
    source.onerror = () => {
      // The browser comes again by itself, but not after every kind of refusal, and not in every browser when the server was away.
      if (source.readyState === EventSource.CLOSED) this.#lost()
      else this.#handlers.state(this.#handlers.isOver() ? "ended" : "reconnecting")
    }
  }

  // tRPC's messages, as its wsLink sends and reads them.
  #openSocket() {
    const address = new URL("/trpc", location.href)
    address.protocol = address.protocol.replace("http", "ws")
    const socket = new WebSocket(address)
    this.#close = () => {
      socket.onclose = socket.onmessage = null
      socket.close()
    }
    socket.onopen = () => {
      const params = { path: "page.onEvent", input: { projectId: this.#projectId } }
      if (this.#handlers.cursor() !== null) params.lastEventId = this.#handlers.cursor()
      socket.send(JSON.stringify({ id: 1, method: "subscription", params }))
    }
    socket.onmessage = ({ data }) => {
      if (data === "PING") return socket.send("PONG")
      const message = JSON.parse(data)
      if (message.method === "reconnect") return this.#lost()
      if (message.error) {
        if (message.error.data?.reason === "gap") return this.#handlers.gap()
        return this.#lost()
      }
      switch (message.result?.type) {
        case "started": this.#connected(); break
        case "data": this.#handlers.event(message.result.id, message.result.data); break
        case "stopped": this.#lost(); break
      }
    }
    socket.onclose = () => this.#lost()
  }
}
