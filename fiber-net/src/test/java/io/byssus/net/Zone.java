package io.byssus.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** The domain {@code example.com} as a server knows it, and the messages in which it says so. */
final class Zone implements StubDnsServer.Script {
    static final String SOA =
            "example.com. 300 IN SOA ns.example.com. root.example.com. 1 2 3 4 60";

    private final List<Record> records = new ArrayList<>();

    /** With lines as in a zone file, absolute names. */
    static Zone of(String... lines) {
        Zone zone = new Zone();
        for (String line : lines) {
            zone.records.add(record(line));
        }
        return zone;
    }

    static Record record(String line) {
        String[] fields = line.split(" ", 5);
        try {
            return Record.fromString(
                    Name.fromString(fields[0]),
                    Type.value(fields[3]),
                    DClass.IN,
                    Long.parseLong(fields[1]),
                    fields[4],
                    Name.root);
        } catch (IOException e) {
            throw new UncheckedIOException(line, e);
        }
    }

    @Override
    public List<byte[]> answers(StubDnsServer.Asked asked) {
        return List.of(message(asked).toWire());
    }

    /** What it says to a question, aliases followed. */
    Message message(StubDnsServer.Asked asked) {
        Message answer = answer(asked, Rcode.NOERROR);
        Name name = asked.query().getQuestion().getName();
        for (int aliases = 0; aliases < 20; aliases++) {
            boolean exists = false;
            Name next = null;
            boolean found = false;
            for (Record record : records) {
                if (!record.getName().equals(name)) {
                    continue;
                }
                exists = true;
                if (record.getType() == asked.type()) {
                    answer.addRecord(record, Section.ANSWER);
                    found = true;
                } else if (record instanceof org.xbill.DNS.CNAMERecord alias) {
                    answer.addRecord(record, Section.ANSWER);
                    next = alias.getTarget();
                }
            }
            if (next == null) {
                if (!found) {
                    answer.getHeader().setRcode(exists ? Rcode.NOERROR : Rcode.NXDOMAIN);
                    answer.addRecord(record(SOA), Section.AUTHORITY);
                }
                return answer;
            }
            name = next;
        }
        return answer;
    }

    /** An answer without records. */
    static Message answer(StubDnsServer.Asked asked, int rcode) {
        Message answer = new Message(asked.query().getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.getHeader().setRcode(rcode);
        answer.addRecord(asked.query().getQuestion(), Section.QUESTION);
        return answer;
    }

    /** As {@link #answer}, with the records of {@code lines} in the answer section. */
    static byte[] answer(StubDnsServer.Asked asked, String... lines) {
        Message answer = answer(asked, Rcode.NOERROR);
        for (String line : lines) {
            answer.addRecord(record(line), Section.ANSWER);
        }
        return answer.toWire();
    }
}
