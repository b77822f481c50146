#if AsyncHTTPClient
    import NIOWebSockets
    import StreamTransport
    import WireProtocols

    /// A connection over SwiftNIO, with the errors that users know.
    struct NIOWebSocketLink: WebSocketLink {
        let socket: NIOWebSocket
        /// For messages; without credentials.
        let name: String

        func receive() async throws(TransportError) -> WebSocketMessage? {
            do throws(WebSocketFailure) {
                return try await socket.receive()
            } catch {
                throw TransportError(error, of: name)
            }
        }

        func send(_ message: WebSocketMessage) async throws(TransportError) {
            do throws(WebSocketFailure) {
                try await socket.send(message)
            } catch {
                throw TransportError(error, of: name)
            }
        }

        func ping() async throws(TransportError) {
            do throws(WebSocketFailure) {
                try await socket.ping()
            } catch {
                throw TransportError(error, of: name)
            }
        }

        func close(_ closure: WebSocketClosure) async { await socket.close(closure) }
        func abort() { socket.abort() }
        var closure: WebSocketClosure? { socket.closure }
    }
#endif
