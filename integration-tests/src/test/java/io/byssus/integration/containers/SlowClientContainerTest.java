package io.byssus.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A client that sends all it has and reads in a trickle, through a small window. */
@Tag("containers")
class SlowClientContainerTest {
    private static final int BYTES = 16 << 20;
    private static final int OTHERS = 200;

    @Test
    void othersOnItsShardAreServedMeanwhileAndInTheEndItHasEveryByte() throws Exception {
        try (ContainerNetwork network = ContainerNetwork.create()) {
            network.server("echo", "echo", "--smp", "1").start();
            ClientContainer slow =
                    network.client(
                            "slow",
                            command ->
                                    command.getHostConfig()
                                            .withSysctls(
                                                    Map.of("net.ipv4.tcp_rmem", "4096 4096 4096")));
            ClientContainer others = network.client("others");
            slow.makeFile("/tmp/sent", BYTES);
            slow.start(
                    """
                    exec 3<> /dev/tcp/echo/1234
                    cat /tmp/sent >&3 &
                    while [[ ! -e /tmp/hurry ]]; do
                      dd bs=100 count=1 status=none <&3
                    done > /tmp/received
                    head -c $((%d - $(stat -c %%s /tmp/received))) <&3 >> /tmp/received
                    cmp /tmp/sent /tmp/received && touch /tmp/same
                    """
                            .formatted(BYTES));
            slow.await("[[ -s /tmp/received ]]");

            others.output(
                    """
                    for ((i = 0; i < %d; i++)); do
                      exec 3<> /dev/tcp/echo/1234
                      echo "$i" >&3
                      read -r -t 5 answer <&3 && [[ $answer == "$i" ]] || exit
                    done
                    """
                            .formatted(OTHERS));

            int received = Integer.parseInt(slow.output("stat -c %s /tmp/received").strip());
            assertThat(received).isBetween(1, BYTES / 2);
            slow.output("touch /tmp/hurry");
            slow.await("[[ -e /tmp/same ]]");
        }
    }
}
