package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.integration.GuideTest.GuideCheck;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What {@code docs/guide-names.md} promises of its programs. */
final class NamesGuideChecks {
    static final Map<String, GuideCheck> ALL =
            Map.of(
                    "FetchByName", NamesGuideChecks::fetchByName,
                    "LookUp", NamesGuideChecks::lookUp,
                    "OwnResolver", NamesGuideChecks::ownResolver);

    private static final List<String> RECORDS =
            List.of(
                    "--host-record=www.example.test,127.0.0.4,::1",
                    "--srv-host=_http._tcp.example.test,www.example.test,8080,1,1");

    private NamesGuideChecks() {}

    private static Child.Ended said(String text) {
        return new Child.Ended(0, text, "");
    }

    static void fetchByName(CompiledProgram program) throws Exception {
        try (ServerSocket server = new ServerSocket(program.port(), 50, Dnsmasq.LOOPBACK);
                Child child = program.start(GuideChecks.TWO_SHARDS)) {
            server.setSoTimeout((int) Child.LIMIT.toMillis());
            try (Socket client = server.accept()) {
                client.getOutputStream()
                        .write("HTTP/1.0 204 Nothing\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(child.awaitEnd()).isEqualTo(said("HTTP/1.0 204 Nothing\n"));
            }
        }
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            assertThat(child.awaitEnd().out())
                    .startsWith("nobody is there: connect: ")
                    .contains("127.0.0.1:" + program.port());
        }
    }

    static void lookUp(CompiledProgram program) throws Exception {
        try (Dnsmasq dnsmasq = Dnsmasq.start(RECORDS);
                Child child = program.start(with("--dns-server", dnsmasq.address()))) {
            assertThat(child.awaitEnd())
                    .isEqualTo(
                            said(
                                    """
                                    0:0:0:0:0:0:0:1
                                    127.0.0.4
                                    www.example.test port 8080
                                    nobody.example.test.: not resolved: nobody.example.test: \
                                    no such name, says %s
                                    """
                                            .formatted(dnsmasq.address())));
        }
    }

    private static String[] with(String... more) {
        List<String> options = new ArrayList<>(Arrays.asList(GuideChecks.TWO_SHARDS));
        options.addAll(List.of(more));
        return options.toArray(new String[0]);
    }

    static void ownResolver(CompiledProgram program) throws Exception {
        try (Child child = program.start(GuideChecks.TWO_SHARDS)) {
            assertThat(child.awaitEnd().out())
                    .startsWith("www: not resolved: www.example.test: 127.0.0.1:" + program.port())
                    .contains("refused");
        }
        try (Dnsmasq dnsmasq = Dnsmasq.start(program.port(), RECORDS);
                Child child = program.start(GuideChecks.TWO_SHARDS)) {
            assertThat(dnsmasq.port()).isEqualTo(program.port());
            assertThat(child.awaitEnd())
                    .isEqualTo(said("0:0:0:0:0:0:0:1\n".repeat(3) + "2 queries\n"));
        }
    }
}
