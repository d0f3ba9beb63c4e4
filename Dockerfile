# The offline preset with its weights; without arguments it runs the demo into /data/demo.
FROM python:3.12-slim

COPY . /src
RUN pip install --no-cache-dir '/src[local]' && rm -rf /src

ENV EMOANIM_CACHE=/var/cache/emoanim
RUN emoanim fetch && chmod -R a+rX /var/cache/emoanim

# From here on nothing is fetched; the result belongs to whoever runs it (docker run --user).
ENV EMOANIM_OFFLINE=1 HOME=/tmp
WORKDIR /data
ENTRYPOINT ["emoanim"]
CMD ["demo", "--emotion", "very happy", "-o", "demo"]
