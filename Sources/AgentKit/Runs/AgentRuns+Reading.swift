public import DurableLog
public import StreamCore

extension AgentRuns {
    /// Goes on with every unfinished run of the log whose agent is registered, and that nobody works on here.
    ///
    /// Call it when the process begins. Where several processes share a log, a run that another one works on would be taken from it: name a time for which
    /// a run must have been quiet.
    ///
    /// - Parameter quietFor: How long nothing must have been appended to a run, by the log's timestamps.
    /// - Returns: What was found; the recovered runs are queued for ``run()``.
    /// - Throws: ``AgentError`` of kind `storage` when the log cannot be listed, `draining`.
    @discardableResult
    public func recoverAll(quietFor: Duration = .zero) async throws(AgentError) -> RunRecovery {
        var recovery = RunRecovery()
        var last: StreamID?
        while true {
            let streams: [StreamID]
            do throws(EventLogError) {
                streams = try await store.log.list(prefix: "", after: last, limit: 256)
            } catch {
                throw RunFailure.log(error).error(partial: RunRecord(id: "", input: "").result(.other))
            }
            for stream in streams {
                do throws(RunFailure) {
                    try await recover(in: stream, quietFor, &recovery)
                } catch {
                    let error = error.error(partial: RunRecord(id: "", input: "").result(.other))
                    if error.kind == .draining { throw error }
                    recovery.unreadable[stream] = error
                }
            }
            guard let next = streams.last else { return recovery }
            last = next
        }
    }

    private func recover(
        in stream: StreamID, _ quietFor: Duration, _ recovery: inout RunRecovery
    ) async throws(RunFailure) {
        let loader = RunLoader(store: store, now: now())
        for found in try await loader.unfinished(in: stream) {
            let handle = RunHandle(runID: found.runID, project: stream, start: found.start)
            let key = RunTable.Key(project: stream, runID: found.runID)
            if table[key] != nil || found.isYounger(than: quietFor, at: now()) { continue }
            guard let agent = agents[found.agent] else {
                recovery.unregistered[found.agent, default: []].append(handle)
                continue
            }
            try await enqueue(agent, .takeOver(project: stream), key)
            recovery.recovered.append(handle)
        }
    }

    /// Waits for a run that is queued or worked on here, and says what it came to; of another one, what the log says.
    ///
    /// - Throws: ``AgentError``: the run's own, `notFound`, or `interrupted` when nobody here works on it and it has not ended.
    public func result(of id: String, in project: StreamID? = nil) async throws(AgentError) -> AgentResult {
        var partial = RunRecord(id: id, input: "")
        do throws(RunFailure) {
            let project = try StreamID(project: project, of: id)
            if let entry = table[RunTable.Key(project: project, runID: id)] {
                await entry.ended.wait()
                guard let result = entry.result else { throw .cancelled }
                do throws(AgentError) {
                    return try result.get()
                } catch {
                    throw .told(error)
                }
            }
            let fold = try await RunLoader(store: store, now: now()).load(id, in: project)
            guard let start = fold.start else { throw .refused(.notFound, "there is no run \(id) in \(project)") }
            partial = RunRecord(start, fold)
            switch fold.outcome {
            case .finished(let finish): return partial.result(finish)
            case .failed(let failure): throw .known(failure)
            case nil:
                throw .refused(.interrupted, "nobody here works on the run \(id), which has not ended: recover it")
            }
        } catch {
            throw error.error(partial: partial.result(.other))
        }
    }

    /// What readers see of a run's project, from the run's beginning, as an async sequence that waits for more.
    ///
    /// Leaving it cancels nothing. It ends when the stream is closed, which the end of a run does not do.
    public func events(of handle: RunHandle, filter: EventFilter = .public) -> EventCursor {
        store.log.cursor(over: handle.project, after: handle.start ?? .start, filter: filter)
    }
}

/// A run of a stream that has not ended.
struct UnfinishedRun: Sendable {
    let runID: String
    let agent: String
    let agentID: String
    let start: Offset
    var newest: Timestamp

    /// Whether something was appended to it within the last `duration`.
    func isYounger(than duration: Duration, at now: Timestamp?) -> Bool {
        guard let now, duration > .zero else { return false }
        return .milliseconds(now.millisecondsSince1970 - newest.millisecondsSince1970) < duration
    }
}

extension RunLoader {
    /// The runs of a stream that have begun and not ended, in the order of their beginning.
    func unfinished(in stream: StreamID) async throws(RunFailure) -> [UnfinishedRun] {
        var runs: [UnfinishedRun] = []
        var reader = JSONReader(limits: RunEntry.limits)
        var offset = Offset.start
        while true {
            let page = try await read(stream, after: offset)
            for logged in page.events {
                // Headers tell nearly all: only the first and the last record of a run are read.
                switch logged.event.type {
                case .runStart:
                    let names = try? reader.read(logged.event.payload) { ($0["runId"]?.string, $0["agent"]?.string) }
                    guard let names, let runID = names.0, let agent = names.1 else { break }
                    if runs.contains(where: { $0.runID == runID && $0.agentID == logged.event.source }) { break }
                    runs.append(
                        UnfinishedRun(
                            runID: runID, agent: agent, agentID: logged.event.source, start: logged.offset,
                            newest: logged.timestamp))
                case .runEnd:
                    guard let runID = try? reader.read(logged.event.payload, { $0["runId"]?.string }) else { break }
                    runs.removeAll { $0.runID == runID && $0.agentID == logged.event.source }
                default:
                    for index in runs.indices where runs[index].agentID == logged.event.source {
                        runs[index].newest = logged.timestamp
                    }
                }
            }
            offset = page.next
            if page.isUpToDate || page.events.isEmpty { return runs }
        }
    }
}
