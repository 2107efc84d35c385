package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class AnswerReaderTest {
    private static final Question QUESTION =
            new Question(Name.fromConstantString("www.example.com."), Type.A);

    /** Of a message that ends with an A record. */
    private static final int TTL_FROM_END = 10;

    private final Message message = new Message(1);

    private static Record record(String name, int type, long ttl, String data) throws IOException {
        return Record.fromString(Name.fromString(name), type, DClass.IN, ttl, data, Name.root);
    }

    private void add(String name, int type, long ttl, String data) throws IOException {
        message.addRecord(record(name, type, ttl, data), Section.ANSWER);
    }

    private void addSoa(String zone, long ttl, long minimum) throws IOException {
        message.addRecord(
                record(zone, Type.SOA, ttl, "ns.a. root.a. 1 2 3 4 " + minimum), Section.AUTHORITY);
    }

    private Answer read() throws IOException {
        return AnswerReader.read(AnswerReader.parse(message.toWire()), QUESTION);
    }

    @Test
    void theLeastTimeToLiveCounts() throws Exception {
        add("www.example.com.", Type.CNAME, 50, "b.example.com.");
        add("B.example.com.", Type.A, 40, "192.0.2.1");
        add("b.EXAMPLE.com.", Type.A, 60, "192.0.2.2");
        add("c.example.com.", Type.A, 10, "192.0.2.3");
        Answer answer = read();
        assertThat(answer.kind()).isEqualTo(Answer.Kind.FOUND);
        assertThat(answer.records()).hasSize(2);
        assertThat(answer.ttlSeconds()).isEqualTo(40);
    }

    @Test
    void aTimeToLiveThatIsNoneCountsAsZero() throws Exception {
        add("www.example.com.", Type.A, 0x7fff_ffffL, "192.0.2.1");
        assertThat(read().ttlSeconds()).isEqualTo(0x7fff_ffffL);
        byte[] wire = message.toWire();
        wire[wire.length - TTL_FROM_END] = (byte) 0x80;
        assertThat(AnswerReader.read(AnswerReader.parse(wire), QUESTION).ttlSeconds()).isZero();
    }

    @Test
    void whatThereIsNotHoldsByTheSoaRecord() throws Exception {
        message.getHeader().setRcode(Rcode.NXDOMAIN);
        addSoa("example.com.", 300, 60);
        assertThat(read().kind()).isEqualTo(Answer.Kind.NO_NAME);
        assertThat(read().ttlSeconds()).isEqualTo(60);
    }

    @Test
    void theSoaRecordsOwnTimeBoundsIt() throws Exception {
        addSoa("example.com.", 30, 60);
        assertThat(read().kind()).isEqualTo(Answer.Kind.NO_DATA);
        assertThat(read().ttlSeconds()).isEqualTo(30);
    }

    @Test
    void anotherZonesSoaRecordSaysNothing() throws Exception {
        message.getHeader().setRcode(Rcode.NXDOMAIN);
        addSoa("example.net.", 300, 60);
        assertThat(read().ttlSeconds()).isZero();
    }

    @Test
    void anAliasThatTheMessageDoesNotFollowIsToBeAskedFor() throws Exception {
        add("www.example.com.", Type.CNAME, 50, "b.example.net.");
        Answer answer = read();
        assertThat(answer.kind()).isEqualTo(Answer.Kind.ALIAS);
        assertThat(answer.name()).hasToString("b.example.net.");
        addSoa("example.net.", 300, 60);
        assertThat(read().kind()).isEqualTo(Answer.Kind.NO_DATA);
    }

    @Test
    void refusalsAreNoAnswers() throws Exception {
        message.getHeader().setRcode(Rcode.SERVFAIL);
        add("www.example.com.", Type.A, 60, "192.0.2.1");
        assertThat(read().kind()).isEqualTo(Answer.Kind.REFUSED);
        assertThat(read().rcode()).isEqualTo("SERVFAIL");
    }

    @Test
    void aCircleIsAnError() throws Exception {
        add("www.example.com.", Type.CNAME, 50, "www.example.com.");
        assertThatThrownBy(this::read)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("circle");
    }

    @Test
    void oneMessageHasABoundedNumberOfAddresses() throws Exception {
        for (int i = 0; i < 200; i++) {
            add("www.example.com.", Type.A, 60, "192.0.2." + i);
        }
        assertThat(read().records()).hasSize(64).allMatch(ARecord.class::isInstance);
    }
}
