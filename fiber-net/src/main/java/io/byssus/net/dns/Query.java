package io.byssus.net.dns;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * A question as it is sent, and what tells its answer from other datagrams: a random id, and the
 * question itself to the bit, the case of its letters included, which is random too (RFC 5452, 9;
 * draft-vixie-dnsext-dns0x20). Who does not see the query cannot know either.
 *
 * <pre>
 *   0      2       4       6       8       10      12
 *   | id   | flags | QDCOUNT ANCOUNT NSCOUNT ARCOUNT | the question ...
 * </pre>
 *
 * <p><b>Ownership:</b> immutable.
 */
final class Query {
    /** What fits into a datagram everywhere without being cut into pieces (DNS flag day 2020). */
    static final int UDP_PAYLOAD_BYTES = 1232;

    private static final int IDS = 1 << 16;
    private static final int FLAGS_OFFSET = 2;
    private static final int QDCOUNT_OFFSET = 4;
    private static final int TYPE_AND_CLASS_BYTES = 4;
    private static final int CASE_BIT = 0x20;
    private static final int RESPONSE_FLAG = 0x80;
    private static final int OPCODE_MASK = 0x78;
    private static final int RCODE_MASK = 0x0f;

    private final byte[] wire;
    private final int questionEnd;

    /** What a message is. */
    enum Verdict {
        ANSWER,
        /** An answer, but for the letters' case: of a server that does not keep it, or forged. */
        CASE_LOST,
        STRANGER
    }

    private Query(byte[] wire, int questionEnd) {
        this.wire = wire;
        this.questionEnd = questionEnd;
    }

    /**
     * @param edns whether to say that long datagrams are welcome (RFC 6891)
     */
    static Query of(Question question, boolean edns, RandomGenerator random) {
        Header header = new Header(random.nextInt(IDS));
        header.setFlag(Flags.RD);
        Message message = new Message();
        message.setHeader(header);
        message.addRecord(
                Record.newRecord(question.name(), question.type(), DClass.IN), Section.QUESTION);
        if (edns) {
            message.addRecord(new OPTRecord(UDP_PAYLOAD_BYTES, 0, 0), Section.ADDITIONAL);
        }
        byte[] wire = message.toWire();
        int nameEnd = Header.LENGTH + question.name().length();
        mixCase(wire, nameEnd, random);
        return new Query(wire, nameEnd + TYPE_AND_CLASS_BYTES);
    }

    private static void mixCase(byte[] wire, int nameEnd, RandomGenerator random) {
        int label = Header.LENGTH;
        while (label < nameEnd && wire[label] != 0) {
            int end = label + 1 + wire[label];
            for (int i = label + 1; i < end; i++) {
                if (isLetter(wire[i]) && random.nextBoolean()) {
                    wire[i] ^= CASE_BIT;
                }
            }
            label = end;
        }
    }

    /** A copy. */
    byte[] wire() {
        return wire.clone();
    }

    Verdict judge(byte[] message) {
        if (message.length < Header.LENGTH
                || message[0] != wire[0]
                || message[1] != wire[1]
                || (message[FLAGS_OFFSET] & RESPONSE_FLAG) == 0
                || (message[FLAGS_OFFSET] & OPCODE_MASK) != 0) {
            return Verdict.STRANGER;
        }
        int questions =
                (message[QDCOUNT_OFFSET] & 0xff) << 8 | (message[QDCOUNT_OFFSET + 1] & 0xff);
        if (questions == 0) {
            // A server that could not even read the query.
            boolean refused = (message[FLAGS_OFFSET + 1] & RCODE_MASK) != 0;
            return refused ? Verdict.ANSWER : Verdict.STRANGER;
        }
        if (questions != 1 || message.length < questionEnd) {
            return Verdict.STRANGER;
        }
        if (Arrays.equals(message, Header.LENGTH, questionEnd, wire, Header.LENGTH, questionEnd)) {
            return Verdict.ANSWER;
        }
        for (int i = Header.LENGTH; i < questionEnd; i++) {
            if (lower(message[i]) != lower(wire[i])) {
                return Verdict.STRANGER;
            }
        }
        return Verdict.CASE_LOST;
    }

    private static boolean isLetter(byte b) {
        int lower = b | CASE_BIT;
        return lower >= 'a' && lower <= 'z';
    }

    private static int lower(byte b) {
        return isLetter(b) ? b | CASE_BIT : b;
    }
}
