import ArgumentParser
import StreamCore
import StreamTransport
import WireProtocols

/// A stream at a URL.
struct RemoteStream {
    let url: String
    let wire: RemoteProtocol
    let isSocket: Bool
    let options: RemoteOptions

    /// Whether `text` is a URL, and not a run's name, which has no `:`.
    static func isURL(_ text: String) -> Bool { text.contains("://") }

    /// A stream, when its URL has a scheme that can be read.
    init(_ url: String, _ options: RemoteOptions, isFollowed: Bool) throws {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        isSocket = scheme == "ws" || scheme == "wss"
        guard isSocket || scheme == "http" || scheme == "https" else {
            throw ValidationError("A URL begins with http://, https://, ws:// or wss://.")
        }
        if isSocket, let wire = options.wire, wire != .trpc {
            throw ValidationError("--protocol \(wire.rawValue) is read over http(s)://; ws(s):// is for trpc.")
        }
        wire = isSocket ? .trpc : options.wire ?? .events
        if wire == .trpc, !isFollowed {
            throw ValidationError("--no-follow: a subscription does not say where its end is for now.")
        }
        if isSocket { try SocketTransport.validate() }
        self.url = url
        self.options = options
    }

    /// Shows the stream behind an offset: what is there, then what comes, to its end.
    ///
    /// - Parameter isFollowed: Whether what comes is waited for.
    func read(after offset: String?, isFollowed: Bool, _ show: (WatchedEvent) -> Void) async throws(WatchFailure) {
        do {
            let fields = try options.fields
            switch wire {
            case .events where isFollowed: try await follow(after: offset, fields, show)
            case .events: try await readSnapshots(after: offset, fields, show)
            case .durableStreams:
                try await readDurableStream(after: offset, isFollowed: isFollowed, fields, show)
            case .trpc: try await subscribe(after: offset, fields, show)
            }
        } catch let error as WatchFailure {
            throw error
        } catch let error as EventSourceError {
            throw WatchFailure(error)
        } catch let error as DurableStreamsClientError {
            throw WatchFailure(error)
        } catch let error as SubscriptionError {
            throw WatchFailure(error)
        } catch {
            throw WatchFailure("\(error)")
        }
    }

    /// Says that the connection will be made again.
    static func note(_ delay: Duration, because message: String) {
        let seconds = (delay / .seconds(1)).rounded(places: 1)
        Terminal.note(Terminal.dim("agent-stream: connecting again in \(seconds) s: \(message)"))
    }
}
