package io.byssus.net.dns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Reads a server's message. Only records that belong to the question count, or to the name that it
 * is an alias of; whatever else is in the message, nobody has asked for it.
 */
final class AnswerReader {
    /** No name of the world has more; and the bound of what a loop costs. */
    private static final int ALIASES_MAX = 16;

    /** More of them help nobody, and each may be tried. */
    private static final int RECORDS_MAX = 64;

    /** RFC 2181, 8: larger ones are wrong, and count as 0. */
    private static final long TTL_MAX = Integer.MAX_VALUE;

    private AnswerReader() {}

    /**
     * @throws IOException if it is no message of DNS
     */
    static Message parse(byte[] bytes) throws IOException {
        try {
            return new Message(bytes);
        } catch (IOException e) {
            throw new IOException("malformed answer: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new IOException("malformed answer", e); // its parser is not ours
        }
    }

    /**
     * @throws IOException if the message makes no sense
     */
    static Answer read(Message message, Question question) throws IOException {
        int rcode = message.getRcode();
        if (rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
            return answer(Answer.Kind.REFUSED, List.of(), question.name(), 0, rcode);
        }
        List<Record> section = message.getSection(Section.ANSWER);
        Name name = question.name();
        long ttl = TTL_MAX;
        for (int aliases = 0; aliases <= ALIASES_MAX; aliases++) {
            List<Record> records = records(section, name, question.type());
            if (!records.isEmpty()) {
                return answer(Answer.Kind.FOUND, records, name, least(ttl, records), rcode);
            }
            List<Record> alias = records(section, name, Type.CNAME);
            if (alias.isEmpty()) {
                return nothing(message, question, name, ttl, rcode);
            }
            ttl = least(ttl, alias);
            name = ((CNAMERecord) alias.getFirst()).getTarget();
        }
        throw new IOException("its aliases (CNAME) lead in a circle, or have no end");
    }

    /** RFC 2308: it is the SOA record that says that there is nothing, and for how long. */
    private static Answer nothing(
            Message message, Question question, Name name, long ttl, int rcode) {
        long negativeTtl = 0;
        boolean hasSoa = false;
        for (Record record : message.getSection(Section.AUTHORITY)) {
            if (record instanceof SOARecord soa && name.subdomain(soa.getName())) {
                hasSoa = true;
                negativeTtl = Math.min(ttl, Math.min(valid(soa.getTTL()), soa.getMinimum()));
            }
        }
        if (rcode == Rcode.NXDOMAIN) {
            return answer(Answer.Kind.NO_NAME, List.of(), name, negativeTtl, rcode);
        }
        if (!hasSoa && !name.equals(question.name())) {
            return answer(Answer.Kind.ALIAS, List.of(), name, ttl, rcode);
        }
        return answer(Answer.Kind.NO_DATA, List.of(), name, negativeTtl, rcode);
    }

    private static List<Record> records(List<Record> section, Name name, int type) {
        List<Record> records = new ArrayList<>();
        for (Record record : section) {
            if (record.getType() == type
                    && record.getDClass() == DClass.IN
                    && record.getName().equals(name)
                    && records.size() < RECORDS_MAX) {
                records.add(record);
            }
        }
        return records;
    }

    private static long least(long ttl, List<Record> records) {
        long least = ttl;
        for (Record record : records) {
            least = Math.min(least, valid(record.getTTL()));
        }
        return least;
    }

    private static long valid(long ttl) {
        return ttl < 0 || ttl > TTL_MAX ? 0 : ttl;
    }

    private static Answer answer(
            Answer.Kind kind, List<Record> records, Name name, long ttlSeconds, int rcode) {
        return new Answer(kind, records, name, ttlSeconds, Rcode.string(rcode));
    }
}
