// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import com.alibaba.druid.pool.DruidDataSource;
import com.hivemq.client.mqtt.MqttClient;
import com.jcraft.jsch.JSch;
import com.mchange.v2.c3p0.ComboPooledDataSource;
import com.mongodb.client.MongoClients;
import com.rabbitmq.client.ConnectionFactory;
import io.nats.client.Nats;
import io.r2dbc.spi.ConnectionFactories;
import io.vertx.core.Vertx;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.spy.memcached.MemcachedClient;
import org.apache.commons.httpclient.HttpClient;
import org.apache.commons.httpclient.methods.GetMethod;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.http.HttpHost;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.logging.log4j.core.appender.SocketAppender;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.elasticsearch.client.Request;
import org.neo4j.driver.AuthTokens;
import org.neo4j.driver.GraphDatabase;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.ldap.core.LdapTemplate;
import org.springframework.ldap.core.support.LdapContextSource;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Connects clients of databases, queues and services, each to a server of its own that closes each
 * connection at once. A line of the method named like the client is what makes it connect.
 */
@SuppressWarnings("try") // a client connects while it is open, which is the point
public final class LibraryClients {
  /** One client. */
  private interface Client {
    void connect(Server server) throws Exception;
  }

  /** Accepts, and closes. */
  private static final class Server {
    private final CountDownLatch accepted = new CountDownLatch(1);
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    Server() throws IOException {
      Thread thread = new Thread(this::run, "server");
      thread.setDaemon(true);
      thread.start();
    }

    private void run() {
      while (true) {
        try {
          listener.accept().close();
          accepted.countDown();
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
    }

    int port() {
      return listener.getLocalPort();
    }

    String address() {
      return "127.0.0.1:" + port();
    }

    void await() throws InterruptedException {
      accepted.await(20, TimeUnit.SECONDS);
    }
  }

  private LibraryClients() {}

  public static void main(String[] args) throws Exception {
    Map<String, Client> clients = new LinkedHashMap<>();
    clients.put("mongoSync", LibraryClients::mongoSync);
    clients.put("mongoReactive", LibraryClients::mongoReactive);
    clients.put("nats", LibraryClients::nats);
    clients.put("hiveMq", LibraryClients::hiveMq);
    clients.put("paho", LibraryClients::paho);
    clients.put("commonsNet", LibraryClients::commonsNet);
    clients.put("angusMail", LibraryClients::angusMail);
    clients.put("log4j", LibraryClients::log4j);
    clients.put("druid", LibraryClients::druid);
    clients.put("neo4j", LibraryClients::neo4j);
    clients.put("spymemcached", LibraryClients::spymemcached);
    clients.put("vertx", LibraryClients::vertx);
    clients.put("pekko", LibraryClients::pekko);
    clients.put("r2dbc", LibraryClients::r2dbc);
    clients.put("springLdap", LibraryClients::springLdap);
    clients.put("aws", LibraryClients::aws);
    clients.put("commonsHttpClient", LibraryClients::commonsHttpClient);
    clients.put("reactorNetty", LibraryClients::reactorNetty);
    clients.put("webFlux", LibraryClients::webFlux);
    clients.put("kafkaAdmin", LibraryClients::kafkaAdmin);
    clients.put("kafkaProducer", LibraryClients::kafkaProducer);
    clients.put("restClientJdk", LibraryClients::restClientJdk);
    clients.put("restClientApache", LibraryClients::restClientApache);
    clients.put("rabbit", LibraryClients::rabbit);
    clients.put("elastic", LibraryClients::elastic);
    clients.put("jsch", LibraryClients::jsch);
    clients.put("c3p0", LibraryClients::c3p0);
    for (Map.Entry<String, Client> client : clients.entrySet()) {
      Server server = new Server();
      System.out.println("client " + client.getKey() + " " + server.port());
      try {
        client.getValue().connect(server);
      } catch (Exception e) {
        System.out.println(e); // the server is none
      }
      server.await();
    }
    System.exit(0);
  }

  private static void mongoSync(Server server) throws Exception {
    try (var client = MongoClients.create("mongodb://" + server.address())) {
      server.await();
    }
  }

  private static void mongoReactive(Server server) throws Exception {
    String uri = "mongodb://" + server.address();
    try (var client = com.mongodb.reactivestreams.client.MongoClients.create(uri)) {
      server.await();
    }
  }

  private static void nats(Server server) throws Exception {
    Nats.connect("nats://" + server.address()).close();
  }

  private static void hiveMq(Server server) {
    MqttClient.builder()
        .serverHost("127.0.0.1")
        .serverPort(server.port())
        .useMqttVersion3()
        .buildBlocking()
        .connect();
  }

  private static void paho(Server server) throws Exception {
    new org.eclipse.paho.client.mqttv3.MqttClient(
            "tcp://" + server.address(), "shop", new MemoryPersistence())
        .connect();
  }

  private static void commonsNet(Server server) throws Exception {
    new FTPClient().connect("127.0.0.1", server.port());
  }

  private static void angusMail(Server server) throws Exception {
    Transport transport = Session.getInstance(new Properties()).getTransport("smtp");
    transport.connect("127.0.0.1", server.port(), null, null);
  }

  private static void log4j(Server server) {
    SocketAppender.newBuilder()
        .setName("shop")
        .setLayout(PatternLayout.createDefaultLayout())
        .setHost("127.0.0.1")
        .setPort(server.port())
        .build()
        .start();
  }

  private static void druid(Server server) throws Exception {
    try (DruidDataSource pool = new DruidDataSource()) {
      pool.setUrl("jdbc:postgresql://" + server.address() + "/shop");
      pool.setMaxWait(100);
      pool.getConnection().close();
    }
  }

  private static void neo4j(Server server) {
    try (var driver = GraphDatabase.driver("bolt://" + server.address(), AuthTokens.none())) {
      driver.verifyConnectivity();
    }
  }

  private static void spymemcached(Server server) throws Exception {
    MemcachedClient client = new MemcachedClient(new InetSocketAddress("127.0.0.1", server.port()));
    server.await();
    client.shutdown();
  }

  private static void vertx(Server server) throws Exception {
    Vertx vertx = Vertx.vertx();
    vertx
        .createNetClient()
        .connect(server.port(), "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get();
    vertx.close();
  }

  private static void pekko(Server server) throws Exception {
    ActorSystem system = ActorSystem.create("shop");
    Source.<ByteString>maybe()
        .via(Tcp.get(system).outgoingConnection("127.0.0.1", server.port()))
        .runWith(Sink.ignore(), system);
    server.await();
    system.terminate();
  }

  private static void r2dbc(Server server) {
    String url = "r2dbc:postgresql://shop:shop@" + server.address() + "/shop";
    Mono.from(ConnectionFactories.get(url).create()).block(Duration.ofSeconds(20));
  }

  private static void springLdap(Server server) {
    LdapContextSource source = new LdapContextSource();
    source.setUrl("ldap://" + server.address());
    source.setCacheEnvironmentProperties(false);
    source.setAnonymousReadOnly(true);
    source.afterPropertiesSet();
    new LdapTemplate(source).lookup("cn=shop");
  }

  private static void aws(Server server) {
    AwsBasicCredentials credentials = AwsBasicCredentials.create("shop", "shop");
    try (S3Client client =
        S3Client.builder()
            .httpClient(UrlConnectionHttpClient.create())
            .region(Region.US_EAST_1)
            .endpointOverride(URI.create("http://" + server.address()))
            .credentialsProvider(StaticCredentialsProvider.create(credentials))
            .build()) {
      client.listBuckets();
    }
  }

  private static void commonsHttpClient(Server server) throws Exception {
    new HttpClient().executeMethod(new GetMethod("http://" + server.address()));
  }

  private static void reactorNetty(Server server) {
    reactor.netty.http.client.HttpClient.create()
        .get()
        .uri("http://" + server.address())
        .response()
        .block(Duration.ofSeconds(20));
  }

  private static void webFlux(Server server) {
    WebClient.create("http://" + server.address())
        .get()
        .retrieve()
        .toBodilessEntity()
        .block(Duration.ofSeconds(20));
  }

  private static void kafkaAdmin(Server server) throws Exception {
    Admin admin = Admin.create(Map.of("bootstrap.servers", server.address()));
    server.await();
    admin.close(Duration.ZERO);
  }

  private static void kafkaProducer(Server server) throws Exception {
    StringSerializer serializer = new StringSerializer();
    Map<String, Object> settings = Map.of("bootstrap.servers", server.address());
    KafkaProducer<String, String> producer = new KafkaProducer<>(settings, serializer, serializer);
    server.await();
    producer.close(Duration.ZERO);
  }

  private static void restClientJdk(Server server) {
    RestClient.builder()
        .requestFactory(new JdkClientHttpRequestFactory())
        .build()
        .get()
        .uri("http://" + server.address())
        .retrieve()
        .toBodilessEntity();
  }

  private static void restClientApache(Server server) {
    RestClient.builder()
        .requestFactory(new HttpComponentsClientHttpRequestFactory())
        .build()
        .get()
        .uri("http://" + server.address())
        .retrieve()
        .toBodilessEntity();
  }

  private static void rabbit(Server server) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(server.port());
    factory.newConnection().close();
  }

  private static void elastic(Server server) throws Exception {
    try (var client =
        org.elasticsearch.client.RestClient.builder(HttpHost.create(server.address())).build()) {
      client.performRequest(new Request("GET", "/"));
    }
  }

  private static void jsch(Server server) throws Exception {
    new JSch().getSession("shop", "127.0.0.1", server.port()).connect();
  }

  private static void c3p0(Server server) throws Exception {
    try (ComboPooledDataSource pool = new ComboPooledDataSource()) {
      pool.setJdbcUrl("jdbc:postgresql://" + server.address() + "/shop");
      pool.setAcquireRetryAttempts(1);
      pool.getConnection().close();
    }
  }
}
