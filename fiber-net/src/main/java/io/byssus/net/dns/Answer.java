package io.byssus.net.dns;

import java.util.List;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * What a server's message says to a question.
 *
 * @param records of the type that was asked for; of a {@code FOUND} at least one
 * @param name whose records they are, or are to be asked for
 * @param ttlSeconds how long it holds; 0 if it may not be kept
 * @param rcode the server's, as text
 */
record Answer(Kind kind, List<Record> records, Name name, long ttlSeconds, String rcode) {
    enum Kind {
        FOUND,
        /** Ask for {@link #name} instead: the message does not say what that has. */
        ALIAS,
        NO_NAME,
        NO_DATA,
        /** The server could not or would not say. */
        REFUSED
    }
}
