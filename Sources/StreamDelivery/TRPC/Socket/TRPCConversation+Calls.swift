import DurableLog
import StreamCore
import Synchronization
import WireProtocols

/// What the machine wants done: authentication, calls, subscriptions.
extension TRPCConversation {
    func perform(_ actions: [Machine.Action]) {
        for action in actions {
            switch action {
            case .wake: state.withLock { $0.onReady }?()
            case .cancel(let ticket): cancel(ticket)
            case .authenticate(let parameters): authenticate(parameters)
            case .begin(let request, let ticket): begin(request, ticket)
            }
        }
    }

    private func cancel(_ ticket: Ticket) {
        let (job, source) = state.withLock { state in
            state.wakers[ticket] = nil
            return (state.jobs.removeValue(forKey: ticket), state.sources.removeValue(forKey: ticket))
        }
        job?.cancel()
        source?.end()
    }

    private func authenticate(_ parameters: TRPCConnectionParams?) {
        let job = service.tasks.start { [weak self] in
            guard let self else { return }
            do throws(DeliveryRefusal) {
                let principal = try await service.authenticate(request, parameters)
                let connection = try service.connections.admit(
                    principal, address: request.remoteAddress, transport: "trpc-websocket")
                // The one that stood for somebody unknown is let go of outside the lock.
                let former = state.withLock { state in
                    defer {
                        state.connection = connection
                        state.connectionParams = parameters
                        state.authentication = nil
                    }
                    return state.connection
                }
                former.end(.finished, at: .start)
                follow(connection)
                perform(state.withLock { $0.machine.authenticated(nil) })
            } catch {
                perform(state.withLock { $0.machine.authenticated(TRPCError(error)) })
            }
        }
        guard let job else { return perform(state.withLock { $0.machine.authenticated(TRPCService.unavailable) }) }
        keep(job) { $0.authentication = job }
    }

    // A connection that has ended meanwhile wants none of it.
    private func keep(_ job: TaskScope.Job, _ store: (inout State) -> Void) {
        let isWanted = state.withLock { state in
            if !state.hasEnded { store(&state) }
            return !state.hasEnded
        }
        if !isWanted { job.cancel() }
    }

    private func begin(_ request: TRPCRequest, _ ticket: Ticket) {
        let (principal, parameters) = state.withLock { ($0.connection.principal, $0.connectionParams) }
        let call = ProcedureCall(
            path: request.path, input: request.input, lastEventID: request.lastEventID, request: self.request,
            connectionParams: parameters, principal: principal)
        guard let procedure = service.procedures[request.path], procedure.type == request.type else {
            return fail(
                ticket, TRPCError(.notFound, "No \"\(request.type.rawValue)\"-procedure on path \"\(request.path)\""))
        }
        let encoding = SubscriptionEncoding(wire: .socket(request.envelope, framing))
        let job = service.tasks.start { [weak self] in
            switch procedure {
            case .call(_, let body): await self?.answer(ticket, call, body)
            case .subscription(let body):
                let plan = await call.plan(body)
                await self?.subscribe(plan, call, encoding, ticket)
            }
            self?.forget(ticket)
        }
        guard let job else { return fail(ticket, TRPCService.unavailable) }
        // It may be over already, and then its ticket is not the machine's any more.
        keep(job) { state in
            if state.machine.holds(ticket) { state.jobs[ticket] = job }
        }
        if !state.withLock({ $0.machine.holds(ticket) }) { job.cancel() }
    }

    private func answer(
        _ ticket: Ticket, _ call: ProcedureCall,
        _ body: @Sendable (JSONValue?, ProcedureContext) async throws -> JSONValue
    ) async {
        switch await call.answer(body) {
        case .success(let value): perform(state.withLock { $0.machine.answered(ticket, value) })
        case .failure(let error): fail(ticket, error)
        }
    }

    private func forget(_ ticket: Ticket) {
        state.withLock { $0.jobs[ticket] = nil }
    }

    private func fail(_ ticket: Ticket, _ error: TRPCError) {
        perform(state.withLock { $0.machine.failed(ticket, error) })
    }

    private func subscribe(
        _ plan: Result<SubscriptionPlan, TRPCError>, _ call: ProcedureCall, _ encoding: SubscriptionEncoding,
        _ ticket: Ticket
    ) async {
        switch plan {
        case .failure(let error): fail(ticket, error)
        case .success(.stream(let selection, let hub)):
            do throws(TRPCError) {
                let source = try await FeedSource(
                    selection, hub: hub, encoding: encoding, access: service.access, principal: call.context.principal)
                take(source, ticket)
            } catch {
                fail(ticket, error.at(call.path))
            }
        case .success(.sequence(let run)):
            // The outlet is held by the connection alone, but for the time that a value is put into it: it ends when the connection does.
            let outlet = SequenceOutlet(encoding)
            outlet.onBegin { [weak self, weak outlet] in
                if let outlet { self?.take(outlet, ticket) }
            }
            if let error = await call.run(run, into: outlet) { fail(ticket, error) }
        }
    }

    /// A subscription has its source.
    private func take(_ source: any SubscriptionSource, _ ticket: Ticket) {
        let isWanted = state.withLock { state in
            guard !state.hasEnded, state.machine.holds(ticket) else { return false }
            state.sources[ticket] = source
            return true
        }
        guard isWanted else { return source.end() }
        perform(state.withLock { $0.machine.began(ticket) })
        source.attach { [weak self] in self?.becameReady(ticket) }
        let waker = source.signal.subscribe { [weak self] in self?.becameReady(ticket) }
        state.withLock { state in
            if state.machine.holds(ticket), !state.hasEnded { state.wakers[ticket] = waker }
        }
        // What came before the subscription to the signal was not told.
        becameReady(ticket)
    }

    private func becameReady(_ ticket: Ticket) {
        perform(state.withLock { $0.machine.becameReady(ticket) })
    }
}
