// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import io.grpc.CallOptions;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** gRPC, each of its transports on both sides. */
final class Grpc {
  private static final MethodDescriptor<byte[], byte[]> ECHO =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("it.Echo/echo")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private static final ServerServiceDefinition SERVICE =
      ServerServiceDefinition.builder("it.Echo")
          .addMethod(
              ECHO,
              ServerCalls.<byte[], byte[]>asyncUnaryCall(
                  (request, answer) -> {
                    answer.onNext(request);
                    answer.onCompleted();
                  }))
          .build();

  private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

  private Grpc() {}

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static void nettyShaded() throws Exception {
    Server server = NettyServerBuilder.forAddress(ANY_PORT).addService(SERVICE).build().start();
    call(
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build(),
        server);
  }

  static void okHttp() throws Exception {
    Server server =
        OkHttpServerBuilder.forPort(ANY_PORT, InsecureServerCredentials.create())
            .addService(SERVICE)
            .build()
            .start();
    call(
        OkHttpChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build(),
        server);
  }

  private static void call(ManagedChannel channel, Server server) throws InterruptedException {
    try {
      ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, new byte[] {1});
    } finally {
      channel.shutdown().awaitTermination(5, TimeUnit.SECONDS);
      server.shutdown().awaitTermination(5, TimeUnit.SECONDS);
    }
  }
}
