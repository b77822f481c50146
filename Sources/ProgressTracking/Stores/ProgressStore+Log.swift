public import DurableLog
public import StreamCore

extension ProgressStore {
    /// Folds in what a project's log holds beyond the store's offset, through the log's end.
    ///
    /// Where the store is damaged, or the log does not go back to where the store stands (or has lost the end that the store has seen), the project is built
    /// anew from the oldest event that is kept.
    ///
    /// - Returns: The offset that the store has folded to.
    /// - Throws: `log` when the log cannot be read, and what ``advance(_:by:)`` throws.
    @discardableResult
    public func catchUp(_ project: StreamID, from log: any EventLog) async throws(ProgressError) -> Offset {
        do throws(ProgressError) {
            return try await readOn(project, log)
        } catch {
            guard error.code == .corrupt || (error.underlying as? EventLogError)?.code == .gap else { throw error }
        }
        return try await rebuild(project, from: log)
    }

    /// Builds a project anew from the oldest event that its log keeps.
    ///
    /// - Returns: The offset that the store has folded to.
    /// - Throws: As ``catchUp(_:from:)``.
    @discardableResult
    public func rebuild(_ project: StreamID, from log: any EventLog) async throws(ProgressError) -> Offset {
        try await reset(project)
        return try await readOn(project, log)
    }

    /// Folds in a batch that was just appended, reading from the log only where somebody else's events stand before it.
    ///
    /// For those who append progress together with other events: call it after each append that held a record.
    ///
    /// - Parameters:
    ///   - events: The batch.
    ///   - last: The offset of its last event, as ``/DurableLog/AppendResult/last`` says.
    ///   - project: The stream.
    ///   - log: The log that it was appended to.
    ///   - quiet: An event since which, up to the batch, nothing was appended but what is known to be no progress; nil where
    ///     that is not known. What stands between is then not read.
    /// - Returns: The offset that the store has folded to: at least `last`.
    /// - Throws: As ``catchUp(_:from:)``.
    @discardableResult
    public func fold(
        appended events: [StreamEvent], last: Offset, to project: StreamID, of log: any EventLog,
        quietSince quiet: Offset? = nil
    ) async throws(ProgressError) -> Offset {
        let step = ProgressAdvance(appended: events, last: last, quietSince: quiet)
        do throws(ProgressError) {
            let offset = try await advance(project, by: step)
            if offset >= step.through { return offset }
        } catch {
            guard error.code == .corrupt else { throw error }
        }
        return try await catchUp(project, from: log)
    }

    private func readOn(_ project: StreamID, _ log: any EventLog) async throws(ProgressError) -> Offset {
        var offset = try await offset(of: project)
        while true {
            let page: EventPage
            do throws(EventLogError) {
                page = try await log.read(project, after: offset, limit: PageLimit())
            } catch {
                throw ProgressError(.log, "the log of \(project) cannot be read after \(offset)", underlying: error)
            }
            if page.next > offset {
                // Another one that catches up may be ahead; what it folded is passed over.
                offset = try await advance(project, by: ProgressAdvance(page, after: offset))
            }
            if page.isUpToDate || page.events.isEmpty { return offset }
        }
    }
}
