#if NIO
    import AgentKitTesting
    import NIOCore
    import NIOWebSockets
    import Testing
    import WireProtocols

    @Suite("Compression by zlib")
    struct CompressionTests {
        private func random(_ random: inout SeededRandom, _ count: Int) -> [UInt8] {
            switch Int.random(in: 0..<3, using: &random) {
            case 0: [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: count)
            case 1: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            default: (0..<count).map { UInt8(truncatingIfNeeded: $0 % 97) }
            }
        }

        @Test(
            "What is compressed comes back, message after message",
            arguments: [8, 9, 10, 15], [(true, false), (false, false), (true, true), (false, true)])
        func roundTrip(bits: Int, kind: (resets: Bool, isText: Bool)) throws {
            let agreement = PerMessageDeflate(
                serverNoContextTakeover: kind.resets, serverMaxWindowBits: bits)
            guard let deflater = MessageDeflater(agreement, of: .server, level: bits % 9 + 1) else {
                #expect(bits == 8)
                return
            }
            let inflater = MessageInflater(agreement, of: .server)
            var source = SeededRandom(seed: UInt64(bits))
            for count in [0, 1, 2, 100, 65_535, 65_536, 300_000, 5, 0, 40_000] {
                let message = random(&source, count)
                let compressed = try #require(
                    message.withUnsafeBytes { deflater.compress($0, allocator: ByteBufferAllocator()) })
                var output: [UInt8] = []
                // In pieces, as fragments and reads cut it.
                var rest = compressed.readableBytesView[...]
                while !rest.isEmpty {
                    let piece = Array(rest.prefix(Int.random(in: 1...5000, using: &source)))
                    rest = rest.dropFirst(piece.count)
                    try piece.withUnsafeBytes { try inflater.decompress($0, into: &output, limit: count) }
                }
                try inflater.finishMessage(into: &output, limit: .max)
                #expect(output == message)
            }
        }

        @Test("A message of one byte more than the limit is refused, and no more than that comes out")
        func limit() throws {
            let deflater = try #require(MessageDeflater(PerMessageDeflate(), of: .client, level: 6))
            let message = [UInt8](repeating: 0, count: 10_000_000)
            let compressed = try #require(
                message.withUnsafeBytes { deflater.compress($0, allocator: ByteBufferAllocator()) })
            for limit in [0, 1, 1000, 65_536, 9_999_999] {
                var output: [UInt8] = []
                let error = #expect(throws: WebSocketViolation.self) {
                    let inflater = MessageInflater(PerMessageDeflate(), of: .client)
                    try compressed.withUnsafeReadableBytes {
                        try inflater.decompress($0, into: &output, limit: limit)
                    }
                }
                #expect(error?.code == .messageTooBig)
                #expect(output.count == limit + 1)
            }
        }

        @Test("Bytes that are not deflate, or end within a block", arguments: 0..<200)
        func damaged(seed: UInt64) throws {
            var source = SeededRandom(seed: seed)
            let deflater = try #require(MessageDeflater(PerMessageDeflate(), of: .client, level: 6))
            let message = random(&source, 2000)
            var bytes = Array(
                try #require(message.withUnsafeBytes { deflater.compress($0, allocator: ByteBufferAllocator()) })
                    .readableBytesView)
            if seed % 2 == 0 {
                bytes[Int.random(in: 0..<bytes.count, using: &source)] ^= 1 << UInt8.random(in: 0..<8, using: &source)
            } else {
                bytes.removeLast(Int.random(in: 1...bytes.count, using: &source))
            }
            var output: [UInt8] = []
            let inflater = MessageInflater(PerMessageDeflate(), of: .client)
            // Either an error or some message, but never more than the limit, nor a crash.
            do throws(WebSocketViolation) {
                let result = bytes.withUnsafeBytes { bytes in
                    Result { () throws(WebSocketViolation) in
                        try inflater.decompress(bytes, into: &output, limit: 1 << 20)
                    }
                }
                try result.get()
                try inflater.finishMessage(into: &output, limit: 1 << 20)
            } catch {
                #expect(error.code == .invalidPayload || error.code == .messageTooBig)
            }
            #expect(output.count <= 1 << 20 + 1)
        }
    }
#endif
