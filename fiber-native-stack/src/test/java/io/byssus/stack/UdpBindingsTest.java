package io.byssus.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.stack.UdpBindings.Binding;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UdpBindingsTest {
    private static final int LOCAL = 0x0a000001;
    private static final int OTHER = 0x0a000003;
    private static final int PEER = 0x0a000002;

    private final UdpBindings bindings = new UdpBindings(-7);

    @Test
    void theMostExactEndGetsADatagram() {
        Binding any = bindings.bind(0, UdpBindings.ANY, 53);
        Binding connected = bindings.connect(0, LOCAL, PEER, 99);
        assertThat(bindings.find(LOCAL, 53, PEER, 99)).isSameAs(any);
        assertThat(bindings.find(LOCAL, connected.port, PEER, 99)).isSameAs(connected);
        assertThat(bindings.find(LOCAL, connected.port, PEER, 98)).isNull();
        assertThat(bindings.find(OTHER, connected.port, PEER, 99)).isNull();
        assertThat(bindings.find(LOCAL, 54, PEER, 99)).isNull();
    }

    @Test
    void portsThatShareAChainAreToldApart() {
        Binding low = bindings.bind(0, LOCAL, 53);
        Binding high = bindings.bind(0, LOCAL, 53 + 1024);
        assertThat(bindings.find(LOCAL, 53, PEER, 1)).isSameAs(low);
        assertThat(bindings.find(LOCAL, 53 + 1024, PEER, 1)).isSameAs(high);
        bindings.release(0, low);
        assertThat(bindings.find(LOCAL, 53, PEER, 1)).isNull();
        assertThat(bindings.find(LOCAL, 53 + 1024, PEER, 1)).isSameAs(high);
    }

    @Test
    void shardsShareOneEndAndNothingElseMayHaveItsPort() {
        Binding shared = bindings.bind(2, LOCAL, 53);
        assertThat(bindings.bind(0, LOCAL, 53)).isSameAs(shared);
        assertThat(shared.shards()).containsExactly(0, 2);
        assertThat(bindings.bind(2, LOCAL, 53)).isNull();
        assertThat(bindings.bind(1, UdpBindings.ANY, 53)).isNull();
        assertThat(bindings.bind(1, OTHER, 53)).isNotNull().isNotSameAs(shared);
        bindings.release(2, shared);
        assertThat(bindings.find(LOCAL, 53, PEER, 1).shards()).containsExactly(0);
        bindings.release(0, shared);
        assertThat(bindings.find(LOCAL, 53, PEER, 1)).isNull();
        assertThat(shared.shards()).isEmpty();
    }

    @Test
    void freePortsAreEveryOnesOwnUntilThereAreNoneLeft() {
        Set<Integer> ports = new HashSet<>();
        Binding last = null;
        for (int i = 0; i < 28_232; i++) {
            last = i % 2 == 0 ? bindings.bind(0, LOCAL, 0) : bindings.connect(0, LOCAL, PEER, 9);
            ports.add(last.port);
        }
        assertThat(ports).hasSize(28_232);
        assertThat(bindings.bind(0, LOCAL, 0)).isNull();
        assertThat(bindings.connect(0, LOCAL, PEER, 9)).isNull();
        bindings.release(0, last);
        assertThat(bindings.bind(0, LOCAL, 0).port).isEqualTo(last.port);
    }
}
