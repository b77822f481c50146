#if Curl
    extension CurlTransport {
        /// What a transport may be told.
        public struct Configuration: Sendable {
            /// How many bytes of one response may wait for their reader before the server is held back: 256 KiB by default.
            ///
            /// Up to 16 KiB more are held, and what the system's socket buffers and libcurl's own (64 KiB) hold.
            public var bufferLimit: Int
            /// How many bytes the heads of one response may have, interim ones and trailers included: 256 KiB by default.
            ///
            /// libcurl itself takes no line of more than 100 KiB.
            public var headLimit: Int
            /// How many redirects are followed: 10 by default; 0 makes every redirect an error.
            public var maxRedirects: Int
            /// How many connections are kept open, in use and idle together: 256 by default.
            ///
            /// It is no limit of concurrency: more are opened when they are needed, and closed after use.
            public var maxKeptConnections: Int
            /// Whether HTTP/2 is used where a server offers it over TLS: true by default.
            public var allowsHTTP2: Bool
            /// What stands between here and the servers: what the environment says by default.
            public var proxy: Proxy
            /// Whom to trust to vouch for a server: the system's authorities by default.
            public var trust: Trust

            /// A configuration from its parts; figures below 1 count as 1, negative redirects as none.
            public init(
                bufferLimit: Int = 256 << 10, headLimit: Int = 256 << 10, maxRedirects: Int = 10,
                maxKeptConnections: Int = 256, allowsHTTP2: Bool = true, proxy: Proxy = .environment,
                trust: Trust = .system
            ) {
                self.bufferLimit = max(1, bufferLimit)
                self.headLimit = max(1, headLimit)
                self.maxRedirects = max(0, maxRedirects)
                self.maxKeptConnections = max(1, maxKeptConnections)
                self.allowsHTTP2 = allowsHTTP2
                self.proxy = proxy
                self.trust = trust
            }
        }

        /// What stands between here and the servers; it is never printed whole, as a proxy's URL may hold a password.
        public struct Proxy: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
            enum Kind: Sendable, Hashable {
                case environment
                case none
                case url(String, bypass: String?)
            }

            let kind: Kind

            /// What `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say, as libcurl reads them at each request.
            public static let environment = Proxy(kind: .environment)
            /// No proxy, whatever the environment says.
            public static let none = Proxy(kind: .none)
            /// One proxy for all requests, whatever the environment says.
            ///
            /// - Parameters:
            ///   - url: Its URL, with `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h` as its scheme, and a user and a password
            ///     where it wants them.
            ///   - bypass: The hosts that are reached without it, separated by commas, as in `no_proxy`.
            public static func url(_ url: String, bypass: [String] = []) -> Proxy {
                Proxy(kind: .url(url, bypass: bypass.joined(separator: ",")))
            }

            /// The kind of proxy, without its URL.
            public var description: String {
                switch kind {
                case .environment: "environment"
                case .none: "none"
                case .url: "url(…)"
                }
            }

            /// The proxy as it is printed.
            public var customMirror: Mirror { Mirror(self, children: ["kind": description]) }
        }

        /// Whom to trust to vouch for a server.
        public struct Trust: Sendable, Hashable {
            enum Kind: Sendable, Hashable {
                case system
                case file(String)
                case pem(String)
                case everybody
            }

            let kind: Kind

            /// The authorities that libcurl was built to trust, those of the system.
            public static let system = Trust(kind: .system)
            /// The authorities in a file of PEM certificates, and no others.
            public static func authorities(file path: String) -> Trust { Trust(kind: .file(path)) }
            /// The authorities in PEM text, and no others.
            public static func authorities(pem text: String) -> Trust { Trust(kind: .pem(text)) }
            /// Everybody, for trials only.
            ///
            /// Servers are not verified, so anybody between here and there can read and change everything.
            public static let everybodyUnverified = Trust(kind: .everybody)
        }
    }
#endif
