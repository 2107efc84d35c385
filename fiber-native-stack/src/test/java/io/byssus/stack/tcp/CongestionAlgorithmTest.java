package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CongestionAlgorithmTest {
    @Test
    @Tag("MUST-19")
    void renoIsTheStandard() {
        assertThat(CongestionAlgorithm.RENO.create(1460)).isInstanceOf(Reno.class);
    }

    @Test
    @Tag("MAY-18")
    void cubicIsTheOther() {
        assertThat(CongestionAlgorithm.CUBIC.create(1460)).isInstanceOf(Cubic.class);
    }

    @Test
    void eachConnectionHasItsOwn() {
        for (CongestionAlgorithm algorithm : CongestionAlgorithm.values()) {
            assertThat(algorithm.create(1460)).isNotSameAs(algorithm.create(1460));
        }
    }
}
