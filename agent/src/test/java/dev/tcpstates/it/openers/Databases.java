// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.sql.Connection;
import java.time.Duration;
import redis.clients.jedis.Jedis;

/** Databases that the test has started. */
final class Databases {
  private Databases() {}

  static void postgresThroughHikari() throws Exception {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:postgresql://127.0.0.1:" + port("postgres") + "/postgres?user=postgres");
    config.setMaximumPoolSize(2);
    try (HikariDataSource pool = new HikariDataSource(config);
        Connection connection = pool.getConnection();
        Connection another = pool.getConnection()) {
      connection.createStatement().execute("select 1");
      another.createStatement().execute("select 1");
    }
  }

  static void lettuce() {
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + port("redis"));
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      connection.sync().ping();
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
    }
  }

  static void jedis() {
    try (Jedis jedis = new Jedis("127.0.0.1", port("redis"))) {
      jedis.ping();
    }
  }

  private static int port(String server) {
    return Integer.getInteger("it." + server);
  }
}
