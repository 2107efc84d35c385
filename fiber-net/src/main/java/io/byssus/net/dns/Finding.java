package io.byssus.net.dns;

import java.util.List;

/**
 * What came of a question.
 *
 * @param candidates of A and AAAA, in the server's order
 * @param services of SRV, in the server's order
 * @param story who said so, for messages
 * @param expiresNanos on the shard's clock; 0 if it is not kept
 */
record Finding(
        Kind kind,
        List<Candidate> candidates,
        List<ServiceRecord> services,
        String story,
        long expiresNanos) {
    enum Kind {
        FOUND,
        /** There is no such name. */
        NO_NAME,
        /** The name has no record of this type. */
        NO_DATA,
        /** Servers answered, but could not or would not say. */
        FAILED,
        /** No server gave a usable answer in time. */
        SILENT
    }

    /** Of nothing. */
    static Finding without(Kind kind, String story) {
        return new Finding(kind, List.of(), List.of(), story, 0);
    }

    /** The same, kept until then. */
    Finding until(long expiresNanos) {
        return new Finding(kind, candidates, services, story, expiresNanos);
    }

    boolean isFound() {
        return kind == Kind.FOUND;
    }

    /** Whether it is known that there is nothing. */
    boolean isNegative() {
        return kind == Kind.NO_NAME || kind == Kind.NO_DATA;
    }
}
