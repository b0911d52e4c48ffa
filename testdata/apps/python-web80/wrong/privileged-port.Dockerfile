# caught: ports user 1001 cannot listen on port 80, which is below 1024
FROM python:3.11
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt
RUN useradd -u 1001 -m app
USER 1001
EXPOSE 80
CMD ["gunicorn", "-b", "0.0.0.0:80", "web:app"]
