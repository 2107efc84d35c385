package io.byssus.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file with captured frames, as Wireshark sees it, with every checksum verified. */
record Capture(Path file) {
    /** What may be in no capture of ours; Wireshark's errors, as opposed to warnings and notes. */
    private static final String WRONG =
            """
            _ws.malformed || _ws.expert.severity == "Error"
            || ip.checksum.status == "Bad" || tcp.checksum.status == "Bad"
            || udp.checksum.status == "Bad" || icmp.checksum.status == "Bad"
            """;

    /** Those with something wrong, a line for each. */
    List<String> wrongFrames() {
        return frames(WRONG);
    }

    /** Those that Wireshark's display filter lets pass, a line for each. */
    List<String> frames(String filter) {
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString()));
        command.addAll(List.of("-Y", filter.replace('\n', ' ')));
        // Payload is anything, and may look like some protocol that it is not.
        for (String protocol : List.of("udp", "tcp")) {
            command.addAll(List.of("-d", protocol + ".port==1-65535,data"));
        }
        for (String protocol : List.of("ip", "udp", "tcp")) {
            command.addAll(List.of("-o", protocol + ".check_checksum:TRUE"));
        }
        Child.Ended ended = Child.run("", command.toArray(String[]::new));
        assertThat(ended.status()).as(ended.err()).isZero();
        return ended.out().lines().toList();
    }
}
