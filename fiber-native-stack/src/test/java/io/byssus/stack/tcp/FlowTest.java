package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FlowTest {
    @Test
    void portsComeOutOfWhatTheyWerePackedInto() {
        int ports = Flow.ports(0xfedc, 0xba98);
        assertThat(ports).isEqualTo(0xfedc_ba98);
        assertThat(Flow.localPort(ports)).isEqualTo(0xfedc);
        assertThat(Flow.remotePort(ports)).isEqualTo(0xba98);
    }
}
