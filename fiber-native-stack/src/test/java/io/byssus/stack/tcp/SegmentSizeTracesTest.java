package io.byssus.stack.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How large segments are (RFC 9293, 3.7.1), and how long headers (RFC 6691). */
class SegmentSizeTracesTest extends TraceTest {
    private void sends(int size) {
        write(2 * 1460);
        assertThat(wire.sent.peek().segment().text()).isEqualTo(size);
        ignoreSent();
    }

    @Test
    @Tag("MUST-15")
    void aPeerThatDoesNotSayTakes536() {
        established("nop");
        sends(536);
    }

    @Test
    @Tag("MUST-16")
    void thePeersSizeBoundsSegments() {
        established("mss 700");
        sends(700);
    }

    @Test
    @Tag("MUST-16")
    void ourLinkBoundsSegments() {
        wire.mtu = 1500;
        established("mss 9000");
        sends(1460);
    }

    @Test
    @Tag("MUST-16")
    @Tag("SHLD-6")
    void thePathBoundsSegments() {
        wire.pathMtu = 1240;
        established("mss 9000");
        sends(1200);
    }

    @Test
    @Tag("MUST-16")
    void optionsComeOutOfTheSize() {
        established("mss 1000, TS val 1 ecr 0");
        sends(988);
    }

    @Test
    void aTinySizeCountsAs48() {
        established("mss 1");
        sends(48);
    }

    @Test
    void sackBlocksComeOutOfTheSize() {
        established("mss 1000, sackOK");
        peer("P. 11:21(10) ack 1 win 10000");
        expect(". 1:1(0) ack 1 <sack 11:21>");
        write(3000);
        TracedSegment first = wire.sent.poll().segment();
        assertThat(first.text()).isLessThanOrEqualTo(1000 - 12);
        assertThat(first.options()).isEqualTo("sack 11:21");
        ignoreSent();
    }

    @Test
    @Tag("MUST-64")
    void theSizeMayStandAnywhereAmongTheOptions() {
        established("nop, mss 700, nop, nop, nop");
        sends(700);
    }

    @Test
    @Tag("MUST-4")
    void nothingIsReadBehindTheEndOfTheOptions() {
        established("nop, nop, nop, eol, mss 700");
        sends(536);
    }

    @Test
    @Tag("MUST-7")
    @Tag("MUST-68")
    void aSynWithAnImpossibleOptionIsStillASyn() {
        established("mss 700, raw 0300");
        sends(700);
    }
}
