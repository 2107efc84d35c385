package io.byssus.net.dns;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.random.RandomGenerator;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/**
 * Initialises what a query needs. That takes a while (the library looks for its logging, and knows
 * every type of record), and would stop the shard.
 */
final class DnsClasses {
    private DnsClasses() {}

    private static final List<Class<?>> OURS =
            List.of(
                    AddressOrder.class,
                    AddressPolicy.class,
                    Candidate.class,
                    Exchange.class,
                    Finding.class,
                    Flight.class,
                    LookUp.class,
                    QueryRun.class,
                    ResolverSettings.class,
                    SearchList.class,
                    SourceAddresses.class);

    /** Reads one answer of each kind; blocks the first time. */
    static void load() throws IOException {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        for (Class<?> ours : OURS) {
            try {
                lookup.ensureInitialized(ours);
            } catch (IllegalAccessException e) {
                throw new AssertionError("a class of this package", e);
            }
        }
        RandomGenerator none = () -> 0;
        for (int type : new int[] {Type.A, Type.AAAA, Type.SRV, Type.CNAME, Type.SOA}) {
            Question question = new Question(Name.root, type);
            byte[] wire = Query.of(question, true, none).wire();
            AnswerReader.read(AnswerReader.parse(wire), question);
        }
    }
}
