package io.byssus.net.dns;

import java.io.IOException;
import java.util.random.RandomGenerator;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/**
 * Initialises what a query needs. That takes a while (the library looks for its logging, and knows
 * every type of record), and would stop the shard.
 */
final class DnsClasses {
    private DnsClasses() {}

    /** Reads one answer of each kind; blocks the first time. */
    static void load() throws IOException {
        RandomGenerator none = () -> 0;
        for (int type : new int[] {Type.A, Type.AAAA, Type.SRV, Type.CNAME, Type.SOA}) {
            Question question = new Question(Name.root, type);
            byte[] wire = Query.of(question, true, none).wire();
            AnswerReader.read(AnswerReader.parse(wire), question);
        }
    }
}
