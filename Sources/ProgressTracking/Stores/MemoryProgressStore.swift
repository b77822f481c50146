public import StreamCore
import Synchronization

/// Keeps the progress of projects in memory: for tests, and for processes whose log is in memory or is read again at the start.
public final class MemoryProgressStore: ProgressStore {
    private let folds = Mutex<[StreamID: ProgressFold]>([:])
    private let limits: ProgressLimits

    /// An empty store.
    ///
    /// It keeps every project until ``reset(_:)``, each within `limits`.
    public init(limits: ProgressLimits = ProgressLimits()) {
        self.limits = limits
    }

    /// Everything that is known of a project.
    public func fold(of project: StreamID) async throws(ProgressError) -> ProgressFold {
        folds.withLock { $0[project] } ?? ProgressFold(limits: limits)
    }

    /// Folds a stretch of a project's stream in.
    @discardableResult
    public func advance(_ project: StreamID, by step: ProgressAdvance) async throws(ProgressError) -> Offset {
        folds.withLock { folds in
            folds[project, default: ProgressFold(limits: limits)].advance(by: step)
            return folds[project]?.offset ?? .start
        }
    }

    /// Forgets a project.
    public func reset(_ project: StreamID) async throws(ProgressError) {
        folds.withLock { $0[project] = nil }
    }
}
