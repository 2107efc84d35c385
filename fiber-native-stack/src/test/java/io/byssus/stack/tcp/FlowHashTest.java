package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.ip.SipHash;
import io.byssus.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlowHashTest {
    private static final long MAPPED = 0xffff_0000_0000L;

    private final Random random = new Random(Seeds.next("FlowHashTest"));
    private final SipHash secret = new SipHash(random);

    private int hash(TestFlow flow) {
        return FlowHash.of(
                secret,
                flow.localHigh(),
                flow.localLow(),
                flow.remoteHigh(),
                flow.remoteLow(),
                flow.ports());
    }

    @Test
    void ipv4AddressesAreOneWord() {
        TestFlow flow = TestFlow.ofIpv4(0x8a00_0001, 80, 0xf000_0002, 50_000);
        assertThat(hash(flow))
                .isEqualTo((int) secret.tableHash(0x8a00_0001_f000_0002L, flow.ports()));
    }

    @Test
    void anythingElseIsAllFiveWords() {
        TestFlow[] flows = {
            new TestFlow(1, MAPPED | 1, 0, MAPPED | 2, 3),
            new TestFlow(0, MAPPED | 1, 1, MAPPED | 2, 3),
            new TestFlow(0, 1, 0, MAPPED | 2, 3),
            new TestFlow(0, MAPPED | 1, 0, 2, 3),
            new TestFlow(0, 0x1_0000_0000_0000L | MAPPED, 0, MAPPED, 3)
        };
        for (TestFlow flow : flows) {
            long hash =
                    secret.tableHash(
                            flow.localHigh(),
                            flow.localLow(),
                            flow.remoteHigh(),
                            flow.remoteLow(),
                            flow.ports());
            assertThat(hash(flow)).isEqualTo((int) hash);
        }
    }

    @Test
    void neighboursAreSpreadEvenlyOverTheSlots() {
        int[] counts = new int[1024];
        for (int i = 0; i < 200_000; i++) {
            TestFlow flow = TestFlow.ofIpv4(0x0a000001, 80, 0x0a010000 + (i >> 12), i & 0xfff);
            counts[hash(flow) & 1023]++;
        }
        Uniformity.assertUniform("slots", counts);
    }
}
