#if NIO
    import NIOCore
    import StreamDelivery

    /// The pieces that were written last, as they go onto the wire: readers at the same place are sent the very same buffer.
    struct PieceCache {
        private struct Entry {
            let piece: DeliveryPiece
            let framing: PieceFraming
            let buffer: ByteBuffer
        }

        /// Readers of one slice stand at one place, or at two when something was appended meanwhile; a few more for those who come from behind.
        private static let capacity = 4
        private var entries: [Entry] = []
        private var next = 0

        /// The piece as it is written.
        ///
        /// The bytes are copied, once for all readers at this place: so a reader that takes nothing holds its own piece and not the page that it is of.
        mutating func buffer(for piece: DeliveryPiece, framing: PieceFraming) -> ByteBuffer {
            for entry in entries
            where entry.piece.shared === piece.shared && entry.piece.range == piece.range && entry.framing == framing {
                return entry.buffer
            }
            let entry = Entry(piece: piece, framing: framing, buffer: PieceCache.encode(piece, framing))
            if entries.count < PieceCache.capacity {
                entries.append(entry)
            } else {
                entries[next] = entry
                next = (next + 1) % PieceCache.capacity
            }
            return entry.buffer
        }

        /// Lets go of everything.
        mutating func clear() {
            entries.removeAll(keepingCapacity: true)
            next = 0
        }

        private static func encode(_ piece: DeliveryPiece, _ framing: PieceFraming) -> ByteBuffer {
            let allocator = ByteBufferAllocator()
            switch framing {
            case .none: return allocator.buffer(bytes: piece.bytes)
            case .chunk:
                var buffer = allocator.buffer(capacity: piece.range.count + 20)
                buffer.writeString(String(piece.range.count, radix: 16))
                buffer.writeStaticString("\r\n")
                buffer.writeBytes(piece.bytes)
                buffer.writeStaticString("\r\n")
                return buffer
            }
        }
    }
#endif
