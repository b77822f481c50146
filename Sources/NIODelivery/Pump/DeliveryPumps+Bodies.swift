#if NIO
    package import NIOCore
    import NIOHTTP1
    package import StreamDelivery

    extension DeliveryPumps {
        /// Writes a pulled body on a channel of a host's, whose HTTP/1.1 encoder has been given the response's head, and returns at its end.
        ///
        /// The pieces go past the encoder as chunks: the host's then writes the last chunk, as for a body of its own. A cancelled task ends the body.
        ///
        /// - Returns: How it ended; nil, and nothing was written, where the channel does not speak HTTP/1.1 in chunks.
        package func write(_ source: any DeliverySource, on channel: any Channel) async -> BodyEnd? {
            await withTaskCancellationHandler {
                await withCheckedContinuation { (waiter: CheckedContinuation<BodyEnd?, Never>) in
                    channel.eventLoop.execute {
                        guard channel.isActive else {
                            source.end()
                            return waiter.resume(returning: .peerHasGone)
                        }
                        let operations = channel.pipeline.syncOperations
                        guard let encoder = try? operations.context(handlerType: HTTPResponseEncoder.self) else {
                            return waiter.resume(returning: nil)
                        }
                        let body = BodyChannelHandler(
                            source, framing: .chunk, ownership: .lent { waiter.resume(returning: $0) }, pumps: self)
                        do {
                            try operations.addHandler(body, position: .before(encoder.handler))
                            body.begin()
                        } catch {
                            body.abandon()
                        }
                    }
                }
            } onCancel: {
                source.end()
                channel.close(promise: nil)
            }
        }
    }
#endif
