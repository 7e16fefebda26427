// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/** HTTP clients from outside the JDK. */
final class HttpClients {
  private static final byte[] HELLO = {'h', 'i'};

  private HttpClients() {}

  static void okHttpExecute() throws IOException {
    OkHttpClient client = new OkHttpClient();
    try (LocalServer server = LocalServer.http("text/plain", HELLO);
        Response response = client.newCall(get(server)).execute()) {
      response.body().string();
    } finally {
      close(client);
    }
  }

  static void okHttpEnqueue() throws Exception {
    OkHttpClient client = new OkHttpClient();
    CompletableFuture<String> answer = new CompletableFuture<>();
    try (LocalServer server = LocalServer.http("text/plain", HELLO)) {
      client
          .newCall(get(server))
          .enqueue(
              new Callback() {
                @Override
                public void onFailure(Call call, IOException e) {
                  answer.completeExceptionally(e);
                }

                @Override
                public void onResponse(Call call, Response response) throws IOException {
                  answer.complete(response.body().string());
                }
              });
      answer.get();
    } finally {
      close(client);
    }
  }

  private static Request get(LocalServer server) {
    return new Request.Builder().url(server.url()).build();
  }

  private static void close(OkHttpClient client) {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  static void apache() throws IOException {
    try (LocalServer server = LocalServer.http("text/plain", HELLO);
        CloseableHttpClient client =
            org.apache.hc.client5.http.impl.classic.HttpClients.createDefault()) {
      client.execute(
          new HttpGet(server.url()), response -> EntityUtils.toString(response.getEntity()));
    }
  }

  static void apacheAsync() throws Exception {
    try (LocalServer server = LocalServer.http("text/plain", HELLO);
        CloseableHttpAsyncClient client = HttpAsyncClients.createDefault()) {
      client.start();
      SimpleHttpRequest request = SimpleRequestBuilder.get(server.url()).build();
      FutureCallback<SimpleHttpResponse> none = null;
      client.execute(request, none).get();
    }
  }
}
