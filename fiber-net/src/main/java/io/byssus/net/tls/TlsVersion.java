package io.byssus.net.tls;

/** The versions that are spoken; older ones are not (RFC 8996). */
public enum TlsVersion {
    /** RFC 5246. */
    TLS_1_2("TLSv1.2"),

    /** RFC 8446. */
    TLS_1_3("TLSv1.3");

    private final String protocol;

    TlsVersion(String protocol) {
        this.protocol = protocol;
    }

    /** As the Java platform calls it: {@code TLSv1.3}. */
    public String protocol() {
        return protocol;
    }

    static TlsVersion of(String protocol) {
        for (TlsVersion version : values()) {
            if (version.protocol.equals(protocol)) {
                return version;
            }
        }
        throw new IllegalArgumentException("protocol=" + protocol);
    }
}
