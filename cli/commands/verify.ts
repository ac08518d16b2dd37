import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
