package io.byssus.net.dns;

import io.byssus.net.Addresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Type;

/**
 * One question, until a server has answered it or all have been asked often enough.
 *
 * <p><b>Ownership:</b> of the fiber that runs it.
 */
final class QueryRun {
    /** How often an answer may send us on to another name without saying what that has. */
    private static final int ALIASES_MAX = 8;

    private final Exchange exchange;
    private final ResolverSettings settings;
    private final int firstServer;

    /** What servers did instead of answering. */
    private final Set<String> stories = new LinkedHashSet<>();

    private boolean anyAnswered;

    QueryRun(Exchange exchange, ResolverSettings settings, int firstServer) {
        this.exchange = exchange;
        this.settings = settings;
        this.firstServer = firstServer;
    }

    /** Parks. */
    Result run(Question question) {
        Question current = question;
        long ttl = Long.MAX_VALUE;
        for (int aliases = 0; aliases <= ALIASES_MAX; aliases++) {
            Said said = ask(current);
            if (said == null) {
                return failure();
            }
            ttl = Math.min(ttl, said.answer.ttlSeconds());
            switch (said.answer.kind()) {
                case FOUND -> {
                    return new Result(found(said), ttl);
                }
                case NO_NAME -> {
                    return new Result(nothing(Finding.Kind.NO_NAME, "no such name", said), ttl);
                }
                case NO_DATA -> {
                    String what = "the name has no " + Type.string(question.type()) + " record";
                    return new Result(nothing(Finding.Kind.NO_DATA, what, said), ttl);
                }
                case ALIAS -> current = new Question(said.answer.name(), question.type());
                case REFUSED -> throw new AssertionError("refusals are not returned");
            }
        }
        stories.add("its aliases (CNAME) have no end");
        anyAnswered = true;
        return failure();
    }

    /** ttlSeconds how long the finding holds, as its server says */
    record Result(Finding finding, long ttlSeconds) {}

    private record Said(Answer answer, InetSocketAddress server) {}

    /** Null if no server would. */
    private Said ask(Question question) {
        List<InetSocketAddress> servers = settings.servers();
        for (int attempt = 0; attempt < settings.attempts(); attempt++) {
            for (int i = 0; i < servers.size(); i++) {
                InetSocketAddress server = servers.get((firstServer + i) % servers.size());
                Answer answer = ask(question, server);
                if (answer != null) {
                    return new Said(answer, server);
                }
            }
        }
        return null;
    }

    private Answer ask(Question question, InetSocketAddress server) {
        try {
            Answer answer =
                    AnswerReader.read(
                            exchange.ask(server, question, settings.tcpOnly(), settings.timeout()),
                            question);
            anyAnswered = true;
            if (answer.kind() != Answer.Kind.REFUSED) {
                return answer;
            }
            stories.add(name(server) + " says " + answer.rcode());
        } catch (SocketTimeoutException e) {
            stories.add(name(server) + " did not answer in " + text(settings.timeout()));
        } catch (IOException e) {
            stories.add(name(server) + ": " + e.getMessage());
        }
        return null;
    }

    private Finding found(Said said) {
        List<Candidate> candidates = new ArrayList<>();
        List<ServiceRecord> services = new ArrayList<>();
        for (Record record : said.answer.records()) {
            if (record instanceof ARecord a) {
                addAddress(candidates, a.getAddress());
            } else if (record instanceof AAAARecord aaaa) {
                addAddress(candidates, aaaa.getAddress());
            } else if (record instanceof SRVRecord srv) {
                services.add(
                        new ServiceRecord(
                                srv.getTarget().toString(true),
                                srv.getPort(),
                                srv.getPriority(),
                                srv.getWeight()));
            }
        }
        return new Finding(
                Finding.Kind.FOUND,
                List.copyOf(candidates),
                List.copyOf(services),
                "says " + name(said.server),
                0);
    }

    private static void addAddress(List<Candidate> candidates, InetAddress address) {
        if (candidates.stream().noneMatch(known -> known.address().equals(address))) {
            candidates.add(SourceAddresses.candidate(address));
        }
    }

    private static Finding nothing(Finding.Kind kind, String what, Said said) {
        return Finding.without(kind, what + ", says " + name(said.server));
    }

    private Result failure() {
        String story =
                String.join("; ", stories)
                        + (settings.attempts() == 1
                                ? ""
                                : " (" + settings.attempts() + " attempts)");
        Finding.Kind kind = anyAnswered ? Finding.Kind.FAILED : Finding.Kind.SILENT;
        return new Result(Finding.without(kind, story), 0);
    }

    private static String name(InetSocketAddress server) {
        return server.getPort() == ResolvConf.DNS_PORT
                ? server.getAddress().getHostAddress()
                : Addresses.format(server);
    }

    private static String text(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
