#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A thread of its own for calls that block; it must be joined or detached once.
package struct WorkerThread: Sendable {
    // A handle is a number or an opaque pointer that is only ever passed back to pthread.
    private struct Handle: @unchecked Sendable {
        #if canImport(Glibc)
            var thread = pthread_t()
        #else
            var thread: pthread_t?
        #endif
    }

    private final class Work {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let handle: Handle

    /// Starts a thread; nil when the system has none left.
    package init?(_ run: @escaping @Sendable () -> Void) {
        var handle = Handle()
        // Ownership goes to the thread, which takes it exactly once; when no thread starts it is taken back here.
        let work = Unmanaged.passRetained(Work(run))
        let status = pthread_create(
            &handle.thread, nil,
            { argument in
                #if canImport(Darwin)
                    let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                #else
                    guard let argument else { return nil }
                    let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                #endif
                work.run()
                return nil
            }, work.toOpaque())
        guard status == 0 else {
            work.release()
            return nil
        }
        self.handle = handle
    }

    /// Waits until the thread has ended, and frees what the system holds of it.
    package func join() {
        #if canImport(Glibc)
            pthread_join(handle.thread, nil)
        #else
            if let thread = handle.thread { pthread_join(thread, nil) }
        #endif
    }

    /// Has the system free what it holds of the thread when it ends.
    package func detach() {
        #if canImport(Glibc)
            pthread_detach(handle.thread)
        #else
            if let thread = handle.thread { pthread_detach(thread) }
        #endif
    }
}
