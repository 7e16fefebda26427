// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A producer and a consumer, with a broker that the test has started. */
final class KafkaClients {
  private static final String TOPIC = "openers";

  private KafkaClients() {}

  static void run() throws Exception {
    String broker = "127.0.0.1:" + Integer.getInteger("it.kafka");
    Map<String, Object> producing = Map.of("bootstrap.servers", broker, "client.id", "shop");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(producing, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(TOPIC, "hi")).get();
    }
    Map<String, Object> consuming =
        Map.of("bootstrap.servers", broker, "auto.offset.reset", "earliest");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(consuming, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(new TopicPartition(TOPIC, 0)));
      if (consumer.poll(Duration.ofSeconds(10)).isEmpty()) {
        throw new IOException("nothing consumed");
      }
    }
  }
}
