import WireProtocols

/// What comes in from the client.
extension ConversationMachine {
    /// Takes a message.
    mutating func receive(_ message: WebSocketMessage) -> [Action] {
        unansweredPings = 0
        guard case .text(let text) = message else {
            return refuse(TRPCError(.parseError, "tRPC takes text frames, and this one is binary"))
        }
        switch phase {
        case .closing: return []
        case .awaitingParams:
            if text == "PING" || text == "PONG" { return take(text) }
            do throws(TRPCError) {
                let parameters = try TRPCConnectionParams.parse(frame: text, limits: limits)
                phase = .authenticating
                return [.authenticate(parameters)]
            } catch {
                return close(WebSocketClosure(.normalClosure), error)
            }
        case .authenticating:
            // The host has been asked not to read; what it had read by then is little.
            guard held.count < options.maxHeld, text.utf8.count <= limits.messageSize else {
                return close(WebSocketClosure(.policyViolation, reason: "messages before authentication"), nil)
            }
            held.append(text)
            return []
        case .open: return take(text)
        }
    }

    mutating func take(_ text: String) -> [Action] {
        let messages: [TRPCClientMessage]
        do throws(TRPCError) {
            messages = try TRPCClientMessage.parse(text, limits: limits)
        } catch {
            return refuse(error)
        }
        var actions: [Action] = []
        for message in messages {
            switch message {
            case .ping: actions += send(.pong)
            case .pong: break
            case .unidentified(let envelope):
                actions += send(.error(envelope, TRPCError(.parseError, "`id` is required")))
            case .stop(let envelope): actions += stop(envelope)
            case .request(let request): actions += begin(request)
            }
        }
        return actions
    }

    mutating func refuse(_ error: TRPCError) -> [Action] {
        send(.error(TRPCEnvelope(nil), error))
    }

    private mutating func begin(_ request: TRPCRequest) -> [Action] {
        guard let id = request.envelope.id else { return [] }
        if request.type == .subscription {
            if tickets[id] != nil {
                return fail(request, TRPCError(.badRequest, "Duplicate id \(id)"))
            }
            guard tickets.count < options.maxSubscriptions else {
                let error = TRPCError(
                    .tooManyRequests, "a connection may have \(options.maxSubscriptions) subscriptions")
                return fail(request, error)
            }
        }
        lastNumber += 1
        let ticket = Ticket(number: lastNumber)
        entries[ticket] = Entry(request: request)
        if request.type == .subscription { tickets[id] = ticket } else { callCount += 1 }
        return [.begin(request, ticket)]
    }

    mutating func fail(_ request: TRPCRequest, _ error: TRPCError) -> [Action] {
        send(.error(request.envelope, error.at(request.path)))
    }

    private mutating func stop(_ envelope: TRPCEnvelope) -> [Action] {
        guard let id = envelope.id, let ticket = tickets[id], let entry = remove(ticket) else { return [] }
        return [.cancel(ticket)] + send(.stopped(entry.request.envelope))
    }

    mutating func remove(_ ticket: Ticket) -> Entry? {
        guard let entry = entries.removeValue(forKey: ticket) else { return nil }
        if entry.request.type == .subscription {
            if let id = entry.request.envelope.id { tickets[id] = nil }
        } else {
            callCount -= 1
        }
        if entry.isReady { ready.removeAll { $0 == ticket } }
        return entry
    }
}
