package io.byssus.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.net.dns.Resolver;
import io.byssus.net.dns.ResolverOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

/** {@link Resolver} and messages that are no answers, or bad ones. */
abstract class NamesUnderAttackContract extends NetworkContract {
    private static final Zone ZONE =
            Zone.of("www.example.com. 60 IN A 127.0.0.1", "evil.example.com. 60 IN A 127.6.6.6");

    @TempDir Path folder;

    private StubDnsServer server;

    NamesUnderAttackContract(StackUnderTest stack) {
        super(stack);
    }

    @BeforeEach
    void startServer() throws Exception {
        server = StubDnsServer.start(ZONE);
    }

    @AfterEach
    void stopServer() throws Exception {
        server.close();
    }

    private ResolverOptions resolverOptions() {
        return ResolverOptions.defaults()
                .withServers(server.address())
                .withSearch()
                .withTimeout(Duration.ofSeconds(10))
                .withAttempts(1)
                .withHostsFile(folder.resolve("hosts"))
                .withResolvConf(folder.resolve("resolv.conf"));
    }

    private static List<String> resolve(Resolver resolver) throws Exception {
        return resolver.resolve("www.example.com").stream()
                .map(InetAddress::getHostAddress)
                .toList();
    }

    /** As an answer, but pointing to the attacker. */
    private static byte[] forged(StubDnsServer.Asked asked) {
        return Zone.answer(asked, asked.name() + ". 60 IN A 127.6.6.6");
    }

    private static byte[] withOtherId(byte[] message) {
        byte[] other = message.clone();
        other[1] ^= 1;
        return other;
    }

    private static byte[] withOtherQuestion(byte[] message) {
        byte[] other = message.clone();
        other[13] = 'x';
        return other;
    }

    private static byte[] asQuery(byte[] message) {
        byte[] other = message.clone();
        other[2] &= 0x7f;
        return other;
    }

    @Test
    void whatIsNoAnswerToTheQuestionIsIgnored() throws Exception {
        server.script(asked -> {
            byte[] forged = forged(asked);
            return List.of(
                    new byte[0],
                    new byte[5],
                    withOtherId(forged),
                    withOtherQuestion(forged),
                    asQuery(forged),
                    asked.wire(),
                    Arrays.copyOf(forged, 14),
                    ZONE.answers(asked).getFirst());
        });
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            assertThat(resolve(resolver)).containsExactly("127.0.0.1");
            assertThat(resolver.counters().strangers()).isEqualTo(14);
            assertThat(resolver.counters().overTcp()).isZero();
        });
    }

    @Test
    void guessesLeadToTcp() throws Exception {
        server.script(asked -> {
            if (asked.overTcp()) {
                return ZONE.answers(asked);
            }
            List<byte[]> guesses =
                    new ArrayList<>(Collections.nCopies(100, withOtherId(forged(asked))));
            guesses.add(forged(asked)); // too late
            return guesses;
        });
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            assertThat(resolve(resolver)).containsExactly("127.0.0.1");
            assertThat(resolver.counters().overTcp()).isEqualTo(2);
        });
    }

    @Test
    void anAnswerInOtherLettersIsAskedForAgainOverTcp() throws Exception {
        server.script(asked -> {
            byte[] lower = ZONE.answers(asked).getFirst();
            for (int i = 12; i < 12 + "www.example.com".length() + 1; i++) {
                String letter = "" + (char) lower[i];
                lower[i] = (byte) letter.toLowerCase(Locale.ROOT).charAt(0);
            }
            return List.of(lower);
        });
        onShard(() ->
                assertThat(resolve(Resolver.of(resolverOptions()))).containsExactly("127.0.0.1"));
    }

    @Test
    void aTruncatedAnswerIsAskedForAgainOverTcp() throws Exception {
        server.script(asked -> {
            Message answer = ZONE.message(asked);
            if (!asked.overTcp()) {
                answer.removeAllRecords(Section.ANSWER);
                answer.getHeader().setFlag(Flags.TC);
            }
            return List.of(answer.toWire());
        });
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            assertThat(resolve(resolver)).containsExactly("127.0.0.1");
            assertThat(resolver.counters().overTcp()).isEqualTo(2);
            assertThat(resolver.counters().queries()).isEqualTo(4);
        });
    }

    @Test
    void aMalformedAnswerIsAnError() throws Exception {
        server.script(asked -> {
            byte[] message = ZONE.answers(asked).getFirst();
            return List.of(Arrays.copyOf(message, message.length - 2));
        });
        onShard(() ->
                assertThatThrownBy(() -> resolve(Resolver.of(resolverOptions())))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessageContaining("malformed answer"));
    }

    @Test
    void aTcpAnswerToAnotherQuestionIsAnError() throws Exception {
        server.script(asked -> List.of(withOtherId(forged(asked))));
        onShard(() ->
                assertThatThrownBy(() -> resolve(Resolver.of(resolverOptions().withTcpOnly(true))))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessageContaining("another question"));
        server.script(asked -> List.of());
        onShard(() ->
                assertThatThrownBy(() -> resolve(Resolver.of(resolverOptions().withTcpOnly(true))))
                        .isInstanceOf(UnknownHostException.class)
                        .hasMessageContaining("closed the connection"));
    }

    @Test
    void recordsThatNobodyAskedForAreNotTaken() throws Exception {
        server.script(asked ->
                List.of(
                        Zone.answer(
                                asked,
                                "evil.example.com. 60 IN A 127.6.6.6",
                                asked.name() + ". 60 IN A 127.0.0.1",
                                "bank.example.net. 60 IN A 127.6.6.6")));
        onShard(() -> {
            Resolver resolver = Resolver.of(resolverOptions());
            assertThat(resolve(resolver)).containsExactly("127.0.0.1");
            server.script(ZONE);
            assertThatThrownBy(() -> resolver.resolve("bank.example.net"))
                    .isInstanceOf(UnknownHostException.class);
        });
    }
}
